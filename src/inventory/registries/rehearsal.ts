// A machine of a test's own: a home, a project, a system, with whatever files a client's configuration is spread over.

import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { Fault } from "../../domain/fault.ts";
import type { Configured, RegistryClient } from "../../policy/registry.ts";
import { registriesHere, registrySecret } from "./find.ts";

export class Machine implements Disposable {
  readonly base = realpathSync(mkdtempSync(join(tmpdir(), "registries-")));
  readonly home = join(this.base, "home");
  readonly workspace = join(this.base, "project");

  /** What a tool could write, beside the project. */
  writable: readonly string[] = [];

  constructor() {
    for (const at of [this.home, this.workspace]) mkdirSync(at);
  }

  put(path: string, text: string): void {
    const file = join(this.base, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }

  find(client: RegistryClient, variables: Record<string, string> = {}, claims = false): Promise<Configured> {
    return registriesHere(this.#caller(variables))(client, { claims, writable: this.writable });
  }

  async secret(
    client: RegistryClient,
    at: string,
    variables: Record<string, string> = {},
  ): Promise<string | undefined> {
    const found = await registrySecret({ ...this.#caller(variables), writable: this.writable }, client, at);
    return found instanceof Fault ? found.message : found?.secret.reveal();
  }

  #caller(variables: Record<string, string>) {
    const { home, workspace, base } = this;
    return { home, workspace, variables, system: join(base, "system") };
  }

  [Symbol.dispose](): void {
    rmSync(this.base, { recursive: true });
  }
}

export const placesOf = (found: Configured): string[] =>
  found.ok ? found.places.map(({ host, port, paths }) => `${host}:${port}${paths?.[0] ?? ""}`) : [found.message];
export const told = (found: Configured): Readonly<Record<string, string>> =>
  Object.fromEntries(found.ok ? found.settings.map(({ name, value }) => [name, value]) : []);
