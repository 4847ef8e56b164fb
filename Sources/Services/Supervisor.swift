import CPosix
import Glibc
import Synchronization

/// Plays the part of PID 1 for one product where there is no systemd.
///
/// One thread does all of it: it waits in poll(2) for children, clients and deadlines, so there are no locks, and no
/// process is reaped by anybody else. The thread lives as long as the supervisor, which its children's death signal needs.
public final class Supervisor: Sendable {
  private let settings: SupervisorSettings
  private let wake = Mutex<(read: Int32, write: Int32)>((-1, -1))

  /// Throws `spawn` when there are no descriptors left.
  public init(_ settings: SupervisorSettings) throws(ServicesError) {
    self.settings = settings
    var ends: [Int32] = [-1, -1]
    guard shim_pipe(&ends) == 0 else {
      throw ServicesError(.spawn, "pipe: \(String(cString: strerror(errno)))")
    }
    let pair = (read: ends[0], write: ends[1])
    wake.withLock { $0 = pair }
  }

  deinit {
    let pair = wake.withLock { $0 }
    close(pair.read)
    close(pair.write)
  }

  /// Supervises until `stop()` or a signal; then every process it started is gone. Throws when it cannot begin: the
  /// manifest cannot be read, or the socket is taken or not writable.
  public func run() async throws {
    let pair = wake.withLock { $0 }
    if settings.handlesSignals {
      for signal in [SIGTERM, SIGINT] { shim_forward_signal(signal, pair.write) }
    }
    let settings = settings
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
        OwnThread.start {
          continuation.resume(with: Result { try SupervisorLoop(settings, wake: pair.read).run() })
        }
      }
    } onCancel: {
      stop()
    }
  }

  /// Asks the supervisor to end; `run()` returns once everything has stopped.
  public func stop() {
    let descriptor = wake.withLock { $0.write }
    _ = write(descriptor, "s", 1)
  }
}

/// A thread that is nobody's pool's.
enum OwnThread {
  private final class Work: Sendable {
    let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
  }

  static func start(_ body: @escaping @Sendable () -> Void) {
    var thread = pthread_t()
    let work = Unmanaged.passRetained(Work(body))
    let code = pthread_create(
      &thread, nil,
      { argument in
        guard let argument else { return nil }
        Unmanaged<Work>.fromOpaque(argument).takeRetainedValue().body()
        return nil
      }, work.toOpaque())
    guard code == 0 else {
      // No thread to be had: the work is done here rather than never.
      work.takeRetainedValue().body()
      return
    }
    pthread_detach(thread)
  }
}
