// A command, loaded when it is typed → what the command line runs.

type Act = (...values: never[]) => Promise<number>;

/** Runs one command and leaves its answer as the exit code. */
export function answer(load: () => Promise<Act>): (...values: unknown[]) => Promise<void> {
  return async (...values) => {
    const act = await load();
    process.exitCode = await act(...(values as never[]));
  };
}
