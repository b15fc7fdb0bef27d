// For tests: Python that runs a program in a child of its own and waits for it, whether it begins or not.

export const running = `
import os
def run(path):
  pid=os.fork()
  if pid==0:
    try: os.execv(path,[path])
    except OSError: os._exit(0)
  os.waitpid(pid,0)
`;
