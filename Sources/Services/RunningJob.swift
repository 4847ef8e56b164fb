import Glibc

/// A transient job on its way, and who waits for it.
final class RunningJob {
  let job: TransientJob
  let child: ChildProcess
  let client: Client
  /// The reading end of its output; -1 once it is closed.
  var pipe: Int32
  /// When it is killed (monotonic nanoseconds).
  var deadline: Int64
  var timedOut = false
  private(set) var output: [UInt8] = []

  init(_ job: TransientJob, _ child: ChildProcess, _ client: Client, pipe: Int32) {
    self.job = job
    self.child = child
    self.client = client
    self.pipe = pipe
    deadline = Int64(child.startedAt) * 1000 + Int64(job.timeLimit * 1e9)
  }

  /// Takes what the job has written; what is beyond the limit is dropped, so that the job never blocks on it.
  func drain() {
    var buffer = [UInt8](repeating: 0, count: 16 * 1024)
    // Bounded, so that a job that writes without end does not keep the loop to itself.
    for _ in 0..<16 where pipe >= 0 {
      let count = read(pipe, &buffer, buffer.count)
      if count > 0 {
        output += buffer[..<min(count, max(0, job.outputLimit - output.count))]
      } else if count == 0 || errno != EAGAIN && errno != EINTR {
        close(pipe)
        pipe = -1
      } else {
        return
      }
    }
  }

  func result(_ ending: ChildProcess.Ending, now: Int64) -> JobResult {
    drain()
    if pipe >= 0 { close(pipe) }
    var status: Int32?
    if case .exited(let code) = ending, !timedOut { status = code }
    return JobResult(
      status: status, timedOut: timedOut, output: output,
      seconds: Double(now - Int64(child.startedAt) * 1000) / 1e9)
  }
}
