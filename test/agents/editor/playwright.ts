// The few calls of Playwright that are used here: the package is fetched when the tests run, and is no dependency.

export interface Page {
  readonly keyboard: {
    readonly press: (keys: string) => Promise<void>;
    readonly type: (text: string, how: { readonly delay: number }) => Promise<void>;
  };
  readonly goto: (address: string) => Promise<unknown>;
  readonly waitForSelector: (selector: string, how: { readonly timeout: number }) => Promise<unknown>;
  readonly screenshot: (how: { readonly path: string }) => Promise<unknown>;
}

export interface Browser {
  readonly launch: (how: { readonly executablePath: string; readonly args: readonly string[] }) => Promise<{
    readonly newPage: (how: {
      readonly viewport: { readonly width: number; readonly height: number };
    }) => Promise<Page>;
  }>;
}
