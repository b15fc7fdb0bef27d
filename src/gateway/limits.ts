// Every bound of the gate, a sentence each. Bytes, milliseconds or counts, as said; tests hand in smaller ones.

export const limits = {
  /** Connections from inside at once; a further one takes the place of one that rests, else is closed; counted as overflow. */
  connections: 1024,
  /** An answer that was handed over is taken to be on its way for so long: its connection makes room for nobody (ms). */
  parting: 5000,
  /** Connections from this machine to published ports at once; a further one is reset. */
  published: 512,
  /** Time for the first bytes, and for the TLS handshake after them, before a silent client is let go (ms). */
  opening: 10_000,
  /** A ClientHello longer than this, over however many records, is refused (bytes); post-quantum ones are near 2 KiB. */
  hello: 16_384,
  /** Head of a request or reply: providers stop at 16 to 32 KiB (bytes). */
  head: 65_536,
  /** Time for a request's head to be whole once it has begun (ms). */
  headTime: 30_000,
  /** Time for a whole request, body included: a long push over a slow pipe inside (ms). */
  requestTime: 600_000,
  /** A kept connection from inside that asks nothing for so long is closed (ms). */
  keptTime: 65_000,
  /** Requests written ahead on one connection before their answers; a further one ends the connection. */
  pipelined: 64,
  /** Requests at once on one connection of HTTP/2; a further one is refused, to be sent again. */
  streams: 100,
  /** What one stream of HTTP/2 may send before we have used it (bytes): so much is held for a reader that has stopped. */
  streamWindow: 512 * 1024,
  /** What all streams of one connection may send before we have read it (bytes). */
  connectionWindow: 8 * 1024 * 1024,
  /** Frames one head of HTTP/2 may come in: four hold the longest head. */
  headFrames: 16,
  /** Frames of HTTP/2 that ask for nothing (settings, pings, resets, window updates, empty data) a connection may send at once … */
  idleFrames: 1000,
  /** … and how many more with each second; data that passes gives back too. Who does not read has the first alone, requests among them. */
  idleFramesPerSecond: 50,
  /** A commit or tag that is to be signed, and a signature (bytes). */
  signed: 1024 * 1024,
  /** Time the tool waits for a person's word on a signature, and for a key that wants to be touched (ms): below what a question lasts … */
  asked: 600_000,
  /** … and between two looks whether it was said (ms). */
  look: 1000,
  /** A request's body: above every provider's own limit for messages (32 MB) (bytes). */
  body: 64 * 1024 * 1024,
  /** A push of git's, a whole history perhaps, where its grant says nothing else: large servers take 2 GiB (bytes). */
  push: 1024 * 1024 * 1024,
  /** A request for tokens; a reply with them may be four times as long (bytes). */
  tokens: 65_536,
  /** An answer that hands out headers for a hundred large files, each with a signed address (bytes). */
  handed: 4 * 1024 * 1024,
  /** Time ssh may take to say what large files are to be asked for with (ms), and how long that may be (bytes). */
  lending: 60_000,
  lent: 65_536,
  /** A body larger than this waits in a spool, an unlinked file, and not in memory (bytes). */
  memory: 4 * 1024 * 1024,
  /** All bodies in memory together; beyond, even small ones are spooled (bytes). */
  memoryTotal: 256 * 1024 * 1024,
  /** Memory of bodies that have gone, kept for the next ones (bytes). */
  idleBuffers: 16 * 1024 * 1024,
  /** All spooled bodies together; beyond, requests are refused until one has gone (bytes). */
  spoolTotal: 2 * 1024 * 1024 * 1024,
  /** What a compressed body may become before it counts as a bomb, so as unreadable (bytes). */
  decoded: 256 * 1024 * 1024,
  /** Bodies of requests that are decoded at once, each with a memory of up to 16 MiB; further ones wait their turn. */
  decoders: 16,
  /** What a body may be, decoded, to be taken apart and looked into whole (bytes): what is longer cannot be read, and is refused as such. */
  inspected: 64 * 1024 * 1024,
  /** Bodies are sought through in windows of this size, the event loop free between two (bytes). */
  window: 1024 * 1024,
  /** Two windows share this much, so a needle of that length is never cut (bytes). */
  overlap: 65_536,
  /** Findings kept of one request; further ones are not needed to judge it. */
  findings: 1000,
  /** Time the last exchanges get to enter their ends once every connection is closed (ms); it takes a turn of the loop. */
  ending: 5000,
  /** Text of a target or name kept in a sealed record (characters). */
  text: 4096,
  /** Time to open a connection to an upstream, each address and TLS included (ms). */
  connect: 15_000,
  /** Time a client's handshake waits until the upstream has said which version of HTTP it speaks (ms). */
  asking: 5000,
  /** Time an upstream may take to begin its reply: long thinking, not streamed (ms). */
  replyTime: 900_000,
  /** Silence in the middle of a reply before it counts as broken (ms). */
  replySilence: 600_000,
  /** A WebSocket on which neither side says anything for so long is closed (ms). */
  socketSilence: 3_600_000,
  /** A kept upstream connection is closed after so long unused: below the 5 s many servers keep (ms). */
  lineIdle: 4000,
  /** One of HTTP/2, which can say that it ends, is closed after so long unused (ms). */
  carrierIdle: 60_000,
  /** Kept upstream connections for one destination. */
  linesPerRoute: 64,
  /** Upstream connections at once, kept ones included. */
  lines: 1024,
  /** Resolved addresses of one name that are tried. */
  addresses: 8,
  /** Remembered TLS sessions for resumption upstream. */
  sessions: 256,
  /** Informational replies to one request. */
  informational: 32,
  /** One line of chunk framing in a reply, its extension included (bytes). */
  chunkLine: 512,
  /** Certificates kept ready. */
  leaves: 1024,
  /** Names without a grant that get an address in one session; beyond, SERVFAIL. */
  strangers: 4096,
  /** Names that get an address in one session, granted or not; a suffix grant is endless. */
  names: 16_384,
  /** Refused names entered one by one; further ones are counted in one entry at the end. */
  nameEntries: 512,
  /** Questions answered on one TCP connection to port 53. */
  questions: 256,
  /** Different destinations of datagrams entered one by one; further ones are counted at the end. */
  datagramEntries: 256,
  /** Hosts listed one by one in the statistics; further ones are added up under one line. */
  hosts: 1000,
} as const;

export type Limits = { readonly [Key in keyof typeof limits]: number };
