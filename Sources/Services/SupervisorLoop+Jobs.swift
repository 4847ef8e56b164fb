import CPosix
import Glibc

extension SupervisorLoop {
  /// Starts a transient job for a client, who is answered when it has ended.
  func begin(_ job: TransientJob, for client: Client) throws(ServicesError) {
    guard stage == .serving || stage == .recovering else { throw ServicesError(.refused, "stopping") }
    guard job.timeLimit > 0, job.timeLimit <= 86_400, (0...LocalSocket.messageLimit / 8).contains(job.outputLimit)
    else {
      throw ServicesError(.malformed, "a job needs a time limit of at most a day, and keeps at most 128 KiB")
    }
    var ends: [Int32] = [-1, -1]
    guard shim_pipe(&ends) == 0 else { throw ServicesError(.spawn, "pipe: \(String(cString: strerror(errno)))") }
    defer { close(ends[1]) }
    // The job's own end blocks, as programs expect of their standard output.
    _ = fcntl(ends[1], F_SETFL, 0)
    do {
      jobs.append(RunningJob(job, try spawn(job, output: ends[1]), client, pipe: ends[0]))
    } catch {
      close(ends[0])
      throw error
    }
  }

  /// Reads what jobs write, ends those whose time is up, and answers for those that have ended.
  func advanceJobs(_ now: Int64) {
    for job in jobs {
      job.drain()
      if now >= job.deadline || job.client.isGone {
        job.timedOut = now >= job.deadline
        job.child.signal(SIGKILL)
      }
    }
    jobs.removeAll { job in
      guard let ending = job.child.reap() else { return false }
      job.client.reply(SupervisorReply(result: job.result(ending, now: now)))
      return true
    }
  }
}
