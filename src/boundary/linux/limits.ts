// Every bound of the boundary, a sentence each.

export const limits = {
  /** Milliseconds from the helper's start to working doors; it takes some tens, on a machine with much else to do seconds. */
  startMs: 60_000,
  /** Milliseconds the probe connections may take to appear at the doors; they take one or two, where there is time for us. */
  probeMs: 20_000,
  /** Milliseconds after which a killed sandbox that still shows in /proc is reported as broken. */
  goneMs: 5_000,
  /** Milliseconds after which a signal for a tool that has not begun is tried again. */
  signalMs: 10,
  /** Times that `signalMs` is waited for the tool to be there, before what came meanwhile is covered. */
  coverTurns: 500,
  /** Milliseconds for a server inside to take a connection from outside; a full queue of its own makes it wait. */
  knockMs: 10_000,
  /** Milliseconds between two looks whether a tool on a terminal has stopped itself. */
  stopLookMs: 1_000,
  /** Milliseconds after Ctrl-Z at which it is looked too: it puts its terminal away first. */
  stopSoonMs: [20, 50, 100, 200, 400],
  /** Buckets of the table in which the kernel finds the inside's connections: about one for each that is open at once. */
  connectionBuckets: 1_024,
  /** Connections the kernel keeps for us while we are busy: its own upper bound by default (net.core.somaxconn). */
  backlog: 4_096,
  /** Connections accepted before somebody listens; the rest are closed and counted as overflow. */
  arrivals: 1_024,
  /** Datagrams waiting for a listener or for the connection table; the rest are dropped and counted as overflow. */
  datagrams: 4_096,
  /** Bytes of one kernel table (connections, sockets) read for one question; a tool can make them grow. */
  tableBytes: 8 * 1024 * 1024,
  /** Milliseconds for which the rows read for one connection may serve others that they show. */
  rowsMs: 50,
  /** Processes visited to find the owner of one socket. */
  processes: 4_096,
  /** Descriptors of one process looked at. */
  descriptors: 16_384,
  /** Processes asked first because they owned a socket lately. */
  recentOwners: 8,
  /** Bytes and number of arguments kept of a command line: enough to tell what ran. */
  argumentBytes: 4_096,
  argumentCount: 64,
  /** Processes and threads the helper may have begun before bubblewrap, itself included; it begins about thirty. */
  helperProcesses: 512,
  /** Bytes kept of what a failing program said. */
  complaintBytes: 4_096,
  /** Bytes of a path, PATH_MAX of linux/limits.h: a longer one cannot be executed. */
  pathBytes: 4_096,
  /** Arguments of one command that are kept, and their bytes together: what people read, and a question shows whole. */
  execArguments: 512,
  execBytes: 16_384,
  /** Links followed on the way to a file by ourselves, where the kernel cannot for another process. */
  links: 16,
  /** Interpreters of interpreters, as many as the kernel follows (BINPRM_MAX_RECURSION). */
  interpreters: 5,
  /** Bytes of a script's first line that name its interpreter, BINPRM_BUF_SIZE of linux/binfmts.h. */
  shebangBytes: 256,
  /** Commands told and not yet on the record: the next wait until some are. Each may hold a descriptor and 20 kB. */
  told: 1_024,
  /** Calls that wait looked at before everything else is heard again: a few milliseconds of work. */
  noticesAtOnce: 16,
  /** Places opened on the way to one path, links and what is missing included; a longer way is not followed. */
  placesOpened: 128,
  /** Attempts at held files that are told one by one, each kind once; the rest are counted. */
  attempts: 500,
  /** Milliseconds for which commands that began are gathered into one message. */
  tellMs: 25,
  /** Bytes hashed before whoever waits is looked after again: a millisecond or two. */
  hashBytes: 1024 * 1024,
  /** Bytes up to which a file is hashed before it begins: whoever begins it waits for a millisecond or two. */
  hashedFirst: 1024 * 1024,
  /** Bytes that wait to be hashed, of all files together: who makes larger ones has no digest told, and keeps nobody from being told. */
  hashedLater: 1024 * 1024 * 1024,
  /** Milliseconds within which two changes of a file may bear the same time: one tick of the kernel's clock at its slowest. */
  tickMs: 20,
  /** Files whose digest is kept in memory; beyond, the oldest are forgotten. */
  digests: 8_192,
  /** Bytes from which on a digest is kept for later sessions too: smaller files are hashed in no time. */
  digestBytes: 1024 * 1024,
  /** Milliseconds after a file's last change during which its digest is not kept: a second one could bear the same time. */
  freshMs: 100,
  /** Milliseconds for which a refusal stands for the same attempt: execvp(3) tries the file again under its other names. */
  searchMs: 100,
  /** Processes whose number inside, and refusals that, are kept. */
  numbers: 8_192,
  /** Milliseconds between two looks whether the inside has used up what it may have. */
  boundLookMs: 1_000,
  /** Part of the processes it may have from which on it counts as all of them. */
  crowded: 0.95,
  /** Added to what the kernel counts when memory runs out on the machine: what is inside goes before anything of the person's. */
  endedFirst: 500,
  /** Files with our own text in the view: each holds one descriptor while the sandbox starts. */
  texts: 512,
  /** Milliseconds that a rest waits for what was written before it to be on the terminal. */
  screenMs: 1_000,
  /** Bytes of a control sequence's beginning that may be needed to judge it; longer undecided ones are dropped. */
  sequenceHead: 512,
  /** Bytes of a CSI sequence; real ones stay below fifty. */
  csi: 256,
} as const;

/** Resource limits of the tool, soft and hard alike; never above what the caller has. */
export const resources = {
  /** One byte: no core file, and (unlike 0) no dump to a core handler on the host either, core(5). */
  core: 1,
  /** Open files: far beyond what builds need, far below what makes programs that walk all descriptors crawl. */
  nofile: 65_536,
  /** Processes and threads: stops a fork bomb before the machine stops; not counted for the real root (setrlimit(2)), for whom only a cgroup does. */
  nproc: 4_096,
  /** Bytes locked in memory: the kernel's own default; it is memory nobody can reclaim. */
  memlock: 8 * 1024 * 1024,
  /** Bytes in POSIX message queues: kernel memory. */
  msgqueue: 819_200,
} as const;
