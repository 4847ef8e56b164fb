import CPosix
import Glibc
import Posix
import SystemPackage

/// The socket of the TPM's signer where there is no systemd, and the processes behind it: one for each connection.
final class SignerListener {
  let descriptor: Int32
  private let path: FilePath
  private var running: [(child: ChildProcess, deadline: Int64)] = []

  /// - Parameter group: who may connect besides root; nil: nobody but this user.
  init(at path: FilePath, group: gid_t?) throws(ServicesError) {
    self.path = path
    descriptor = try LocalSocket.listen(at: path, group: group)
  }

  deinit {
    close(descriptor)
    unlink(path.string)
  }

  var isIdle: Bool { running.isEmpty }

  /// What poll(2) looks for: no new connection where the bound is reached.
  var watched: [pollfd] {
    let ends = running.map { pollfd(fd: $0.child.descriptor, events: Int16(POLLIN), revents: 0) }
    return isFull ? ends : ends + [pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)]
  }

  private var isFull: Bool { running.count >= SignerLimits.connections }

  /// Gives each new connection to a process that `start` makes.
  func accept(_ start: (Int32) throws(ServicesError) -> ChildProcess) throws(ServicesError) {
    while !isFull {
      let connection = shim_accept(descriptor)
      guard connection >= 0 else { return }
      defer { close(connection) }
      // The signer waits for what is asked, as programs do with their standard input.
      _ = fcntl(connection, F_SETFL, 0)
      let child = try start(connection)
      running.append((child, HostClock.monotonicNanoseconds() + Int64(SignerLimits.seconds) * 1_000_000_000))
    }
  }

  /// Forgets those that have ended, and ends those that take too long.
  func tend(_ now: Int64) {
    running.removeAll { $0.child.reap() != nil }
    for (child, deadline) in running where now >= deadline { child.signal(SIGKILL) }
  }

  func end() {
    for (child, _) in running { child.signal(SIGKILL) }
  }
}
