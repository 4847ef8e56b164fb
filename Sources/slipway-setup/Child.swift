import Glibc
import Installation
import Posix
import SystemPackage

/// Runs a program to its end, with bounds on time and output.
enum Child {
  private static let limit = 4 << 20

  /// What it writes to its standard output; standard error is dropped. The program inherits what is open here.
  ///
  /// - Throws: exit code 22 where it cannot be run, 15 where it does not end within `patience` seconds.
  static func output(_ program: String, _ arguments: [String], patience: Double) throws -> [UInt8] {
    let (reading, writing) = try FileDescriptor.pipe()
    defer { try? reading.close() }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, writing.rawValue, STDOUT_FILENO)
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0)
    posix_spawn_file_actions_addclose(&actions, reading.rawValue)
    posix_spawn_file_actions_addclose(&actions, writing.rawValue)
    var words: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
    defer { words.forEach { free($0) } }
    var pid: pid_t = 0
    let code = posix_spawn(&pid, program, &actions, nil, &words, environ)
    try writing.close()
    guard code == 0 else {
      throw Failure(
        .archiveRefused, name: "updater", "the release's own slipway cannot be run (\(Errno(rawValue: code)))",
        remedy: "the publisher must pack a working updater for this platform")
    }
    defer {
      kill(pid, SIGKILL)
      while waitpid(pid, nil, 0) < 0, errno == EINTR {}
    }
    return try read(reading, until: HostClock.monotonicNanoseconds() + Int64(patience * 1e9))
  }

  /// To the end, which is when the last process that has the other side has closed it.
  private static func read(_ pipe: FileDescriptor, until deadline: Int64) throws -> [UInt8] {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while bytes.count < limit {
      let left = (deadline - HostClock.monotonicNanoseconds()) / 1_000_000
      var wanted = pollfd(fd: pipe.rawValue, events: Int16(POLLIN), revents: 0)
      let ready = poll(&wanted, 1, Int32(max(0, min(left, 1_000_000))))
      if ready < 0, errno == EINTR { continue }
      guard ready > 0 else {
        throw Failure(
          .otherPrerequisite, name: "checks", "the checks have not ended in time",
          remedy: "look at the network and the file systems of this device, then try again")
      }
      let count = try buffer.withUnsafeMutableBytes { try pipe.read(into: $0) }
      if count == 0 { break }
      bytes += buffer[..<count]
    }
    return bytes
  }
}
