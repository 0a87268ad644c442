/**
 * What the client counts about itself. Plain numbers, added to where things happen; read by whoever shows them.
 * Never reset.
 */
export class Counters {
  /** Bytes handed to sockets, and bytes read from them. */
  bytesSent = 0;
  bytesReceived = 0;
  /** Envelopes handed over, and the socket writes that took them. */
  requestsSent = 0;
  writes = 0;
  /** Requests answered, by whatever; and those of them that failed for good. */
  requestsFinished = 0;
  requestsFailed = 0;
  timeouts = 0;
  retries = 0;
  speculativeExecutions = 0;
  prepares = 0;
  reprepares = 0;
  connectionsOpened = 0;
  connectionErrors = 0;
  /** Answers for stream ids that nobody had asked on. */
  strayAnswers = 0;
}
