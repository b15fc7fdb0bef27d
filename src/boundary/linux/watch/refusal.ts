// Why the kernel refuses the listener, in: is that this machine's way, so that a session may go without where that is accepted?

/** EPERM, EACCES, EBUSY, EINVAL, ENOSYS: errno-base.h. Want of memory or descriptors passes, and a tool can bring it about. */
const lasting = [1, 13, 16, 22, 38];

export const refusal = (error: number): Error => new Error(`the kernel refuses the listener: error ${error}`);

export function isLasting(message: string): boolean {
  const error = /^the kernel refuses the listener: error (\d+)$/.exec(message)?.[1];
  return lasting.includes(Number(error));
}
