import CPosix
import Glibc
import Posix

/// A running process that this one has started and alone may reap.
///
/// It dies with the *thread* that started it (PR_SET_PDEATHSIG, prctl(2)), so only the supervisor's own thread, which
/// lives as long as the supervisor, may start any.
final class ChildProcess {
  struct Launch {
    var path: String
    /// The program's name and its arguments.
    var arguments: [String]
    var environment: [String: String]
    var directory: String?
    /// Becomes standard input; nil: there is nothing to be read.
    var input: Int32?
    /// Becomes standard output and standard error.
    var output: Int32
    /// nil: the caller's own user.
    var account: Account?
    var ownNetwork = false
    var noNewPrivileges = true
    var umask: UInt32 = 0o022
  }

  let pid: pid_t
  /// Readable once the process has ended; closed by `reap`.
  let descriptor: Int32
  /// Microseconds of CLOCK_MONOTONIC.
  let startedAt: UInt64
  /// 32 hexadecimal digits, different for each start.
  let invocation: String

  /// Starts a process in a session of its own. Throws `spawn` naming the step and the reason.
  init(_ launch: Launch) throws(ServicesError) {
    var request = shim_spawn_request()
    request.input = launch.input ?? -1
    request.output = launch.output
    request.namespaces = launch.ownNetwork ? shim_CLONE_NEWNET : 0
    request.no_new_privileges = launch.noNewPrivileges ? 1 : 0
    request.mask = launch.umask
    let groups = launch.account?.groups ?? []
    if let account = launch.account {
      request.drop = 1
      request.user = account.user
      request.group = account.group
    }
    startedAt = UInt64(HostClock.monotonicNanoseconds() / 1000)
    invocation = Self.newID()
    let environment = launch.environment.merging(["INVOCATION_ID": invocation]) { $1 }
      .sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }

    var handle: Int32 = -1
    var step: UnsafePointer<CChar>?
    let result = withCStrings(launch.arguments) { arguments in
      withCStrings(environment) { environment in
        withCStrings([launch.path, launch.directory ?? ""]) { paths in
          groups.withUnsafeBufferPointer { groups in
            request.path = UnsafePointer(paths[0])
            request.directory = launch.directory == nil ? nil : UnsafePointer(paths[1])
            request.arguments = arguments
            request.environment = environment
            request.groups = groups.baseAddress
            request.group_count = groups.count
            return shim_spawn(&request, &handle, &step)
          }
        }
      }
    }
    guard result > 0 else {
      let code = errno
      let name = step.map { String(cString: $0) } ?? "fork"
      throw ServicesError(
        name == "unshare" && code == EPERM ? .refused : .spawn,
        "\(launch.path): \(name): \(String(cString: strerror(code)))")
    }
    pid = result
    descriptor = handle
  }

  /// 32 random hexadecimal digits.
  static func newID() -> String {
    (0..<2).map { _ in
      let digits = String(UInt64.random(in: 0...UInt64.max), radix: 16)
      return String(repeating: "0", count: 16 - digits.count) + digits
    }.joined()
  }

  /// Signals the whole process group. The leader has not been reaped, so the number cannot mean anybody else.
  func signal(_ number: Int32) {
    kill(-pid, number)
  }

  /// How the process ended; nil while it runs. What it leaves behind in its group is killed first.
  func reap() -> Ending? {
    var information = siginfo_t()
    let peek = waitid(P_PID, id_t(pid), &information, WEXITED | WNOHANG | WNOWAIT)
    guard peek == 0, information.si_signo == SIGCHLD else { return nil }
    kill(-pid, SIGKILL)
    var status: Int32 = 0
    while waitpid(pid, &status, 0) < 0, errno == EINTR {}
    close(descriptor)
    let signal = status & 0x7F
    return signal == 0 ? .exited((status >> 8) & 0xFF) : .signalled(signal)
  }

  enum Ending: Equatable {
    case exited(Int32)
    case signalled(Int32)
  }
}

/// Calls `body` with a NULL-terminated array of C strings.
private func withCStrings<Result>(
  _ strings: [String], _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Result
) -> Result {
  var pointers = strings.map { strdup($0) }
  defer { for pointer in pointers { free(pointer) } }
  pointers.append(nil)
  return body(pointers)
}
