import CPosix
import Glibc
import Posix
import SystemPackage

/// One evaluator and the socket to it. It is ended with this object.
///
/// All waiting is bounded by a deadline, in nanoseconds of ``HostClock/monotonicNanoseconds()``.
final class PACConnection {
  private let source: String
  private let descriptor: Int32
  /// nil: somebody else's child.
  private let process: pid_t?
  private var buffer = PACFrameBuffer()

  init(_ launch: PACLaunch, source: String) throws(PACError) {
    self.source = source
    switch launch {
    case .process(let program, let arguments):
      (descriptor, process) = try Self.start(program, arguments, source)
    case .socket(let path):
      descriptor = try Self.connect(path, source)
      process = nil
    }
  }

  deinit {
    close(descriptor)
    if let process {
      // It has not been reaped, so the number still means our child.
      kill(process, SIGKILL)
      Self.reap(process)
    }
  }

  func send(_ frame: PACFrame, until deadline: Int64) throws(PACError) {
    let bytes = frame.encoded
    var sent = 0
    while sent < bytes.count {
      let count = bytes.withUnsafeBytes {
        Glibc.send(
          descriptor, $0.baseAddress?.advanced(by: sent), bytes.count - sent,
          Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT))
      }
      if count >= 0 {
        sent += count
      } else if errno == EAGAIN {
        try wait(Int16(POLLOUT), until: deadline)
      } else if errno == EPIPE || errno == ECONNRESET {
        // It may have said why before it went.
        return
      } else if errno != EINTR {
        throw PACError(.lost, source: source, "the evaluator cannot be written to: \(Errno(rawValue: errno))")
      }
    }
  }

  func receive(until deadline: Int64) throws(PACError) -> PACFrame {
    var bytes = [UInt8](repeating: 0, count: 16_384)
    while true {
      do throws(PACFrameBuffer.Malformed) {
        if let frame = try buffer.next() { return frame }
      } catch {
        throw PACError(.lost, source: source, "the evaluator speaks nonsense: \(error.reason)")
      }
      try wait(Int16(POLLIN), until: deadline)
      let count = recv(descriptor, &bytes, bytes.count, Int32(MSG_DONTWAIT))
      if count > 0 {
        buffer.append(bytes.prefix(count))
      } else if count == 0 || errno == ECONNRESET {
        throw PACError(.lost, source: source, "the evaluator ended in the middle of a question")
      } else if errno != EINTR && errno != EAGAIN {
        throw PACError(.lost, source: source, "the evaluator cannot be read from: \(Errno(rawValue: errno))")
      }
    }
  }

  private func wait(_ events: Int16, until deadline: Int64) throws(PACError) {
    let remaining = deadline - HostClock.monotonicNanoseconds()
    var poll = pollfd(fd: descriptor, events: events, revents: 0)
    guard remaining > 0, Glibc.poll(&poll, 1, Int32(clamping: remaining / 1_000_000 + 1)) != 0 else {
      throw PACError(.limit, source: source, "no answer within the time allowed")
    }
  }

  private static func start(_ program: FilePath, _ arguments: [String], _ source: String) throws(PACError) -> (
    Int32, pid_t
  ) {
    var ends: [Int32] = [-1, -1]
    guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &ends) == 0 else {
      throw PACError(.unavailable, source: source, "socketpair: \(Errno(rawValue: errno))")
    }
    defer { close(ends[1]) }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, ends[1], 0)
    posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var all = sigset_t()
    sigfillset(&all)
    var none = sigset_t()
    sigemptyset(&none)
    posix_spawnattr_setsigdefault(&attributes, &all)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK))

    var words = ([program.string] + arguments).map { strdup($0) } + [nil]
    defer { for word in words { free(word) } }
    var environment: [UnsafeMutablePointer<CChar>?] = [nil]
    var pid: pid_t = 0
    let code = posix_spawn(&pid, program.string, &actions, &attributes, &words, &environment)
    guard code == 0 else {
      close(ends[0])
      throw PACError(.unavailable, source: source, "\(program) cannot be started: \(Errno(rawValue: code))")
    }
    return (ends[0], pid)
  }

  private static func connect(_ path: FilePath, _ source: String) throws(PACError) -> Int32 {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let text = Array(path.string.utf8)
    guard text.count < MemoryLayout.size(ofValue: address.sun_path) else {
      throw PACError(.unavailable, source: source, "\(path): the socket's path is too long")
    }
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: text) }
    // Without waiting: a full queue of connections is an answer.
    let descriptor = socket(
      AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue), 0)
    let result = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    guard descriptor >= 0, result == 0 else {
      let reason = Errno(rawValue: errno)
      close(descriptor)
      throw PACError(.unavailable, source: source, "\(path): \(reason)")
    }
    return descriptor
  }

  private static func reap(_ process: pid_t) {
    var status: Int32 = 0
    while waitpid(process, &status, 0) < 0, errno == EINTR {}
  }
}
