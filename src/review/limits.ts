// Every bound of this room. A bound that was met is reported by the code that met it, never passed over.

export const limits = {
  /** Bytes of a file that is masked; a longer one is hidden. */
  maskedBytes: 256 * 1024,
  /** Values of it, and lines. */
  maskedValues: 20_000,
  /** Maps and lists in each other. */
  maskedDepth: 60,
  /** Files and directories hidden or masked one by one in one session: each is a mount, or a file written anew. */
  veiled: 1_000,
  /** Masked files: each text is held while the sandbox starts. */
  masked: 300,
  /** Entries looked at for second names (hard links) of what is hidden or masked. */
  veilNames: 2_000_000,
  /** Links on the way that a glob names; the kernel follows forty. */
  veilLinks: 40,
  /** Links on a link's way; the kernel follows as many. */
  links: 40,
  /** Hidden and masked files that git's objects are asked for. */
  committed: 2_000,
  /** Directory entries one walk looks at; beyond, the walk says `truncated`. */
  walkEntries: 2_000_000,
  /** Depth of directories below the workspace; deeper ones are not entered and the walk says `truncated`. */
  walkDepth: 100,
  /** Bytes of a directory's whole path, so that what git names below it has a path still (PATH_MAX: 4096): a link to a longer one is put away. */
  walkBytes: 3_000,
  /** Depth of references and logs in a git directory. */
  gitDepth: 40,
  /** Control files of one walk; a tool could plant more only to make the end of a session slow. */
  leaves: 20_000,
  /** Bytes of a control file that are hashed; larger ones are compared by inode, size and change time. */
  controlBytes: 8 * 1024 * 1024,
  /** A git configuration larger than this counts as one that runs something. */
  settingsBytes: 256 * 1024,
  /** Names of a person's own settings that are looked for in a checkout, files of settings that are read for it, links of a home. */
  personal: 1_000,
  /** Bytes of an index of git's whose names are looked at, two million of them; one that is longer counts as one that leads out. */
  indexBytes: 256 * 1024 * 1024,
  /** Directories among dependencies and git's own files that links lead to. */
  shown: 1_000,
  /** Git configurations examined at the end of a session; the rest count as running something. */
  settingsFiles: 200,
  /** Git configurations of a checkout that a tool gets a copy of; the rest is unwritable. */
  settingsOwn: 32,
  /** Settings a tool changed that are looked at one by one; where it changed more, none is taken over. */
  settingsLanded: 200,
  /** Files husky generates; a directory that holds more is not copied. */
  hooks: 100,
  /** Directories of a checkout that are watched while a session works in it; the rest is swept at its end. */
  watched: 10_000,
  /** Of them, directories that links lead to by which names of the policy's are reached. */
  behind: 200,
  /** Events the kernel queues for a process, where it does not say: its own default. */
  queuedEvents: 16_384,
  /** Milliseconds of quiet after which a new control file is looked at: long enough for a program to write it whole. */
  quiet: 250,
  /** Milliseconds after which it is looked at in any case. */
  unquiet: 1000,
  /** Sockets, devices and setuid files listed. */
  odd: 1_000,
  /** Bytes of one file kept for undo. */
  fileBytes: 64 * 1024 * 1024,
  /** Bytes newly kept by one capture. */
  captureBytes: 4 * 1024 * 1024 * 1024,
  /** An ignored file lying among others (`.env`) is kept up to this size. */
  ignoredBytes: 1024 * 1024,
  /** Ignored files kept. */
  ignoredFiles: 2_000,
  /** Entries of ignored directories that are copied for a staged session; beyond, a directory is shared read-only. */
  ignoredEntries: 200_000,
  /** Bytes of them, where the file system cannot share blocks. */
  ignoredTotal: 4 * 1024 * 1024 * 1024,
  /** Files too large to be kept that are copied for a staged session. */
  leftovers: 500,
  /** Pairs of contents compared by one git process. */
  diffed: 500,
  /** Bytes of a content compared by lines; a larger one is shown by its digest. */
  diffedBytes: 4 * 1024 * 1024,
  /** Commits one branch may bring. */
  commits: 2_000,
  /** Changes in the commits of one branch that are shown; one that brings more lands only when it is named. */
  shownChanges: 20_000,
  /** Bytes of a landing's journal: two hundred for each path. */
  journalBytes: 512 * 1024 * 1024,
  /** Milliseconds a landing waits for git at work in the checkout. */
  gitLockMilliseconds: 3_000,
  /** Nested repositories entered by one capture. */
  nested: 200,
  /** Files of one capture that turned out to be others when they were read again, and are kept as they were then; the rest is let go. */
  readAgain: 200,
  /** Candidates from which on new objects go into one pack instead of a file each. */
  looseObjects: 500,
  /** Lines of references kept as text for each repository. */
  references: 20_000,
  /** Empty directories remembered. */
  empty: 10_000,
  /** Bytes of git's answer, all of it in memory: paths of about two million files. */
  answerBytes: 256 * 1024 * 1024,
  /** Milliseconds one git process may take; the first capture of a large checkout is the longest. */
  gitMilliseconds: 120_000,
  /** Milliseconds to wait for another session's capture of the same workspace. */
  lockMilliseconds: 30_000,
  /** A listing slower than this found entries whose times changed and content did not: refresh them. */
  slowListing: 400,
  /** Bytes of a session record. */
  recordBytes: 16 * 1024 * 1024,
  /** Bytes of a quarantined item's manifest. */
  manifestBytes: 64 * 1024,
  /** Entries below one directory that is copied into quarantine across file systems. */
  copiedEntries: 50_000,
} as const;

export const questionLimits = {
  /** For so long a question waits for its answer, and then the answer for its one retry: a quarter of an hour. */
  milliseconds: 15 * 60_000,
  /** Open questions of one session: a tool that asks for more is refused without a question. */
  open: 20,
} as const;
