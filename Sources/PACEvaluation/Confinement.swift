import CPosix
import Glibc
import SystemPackage

/// What this process gives up before it reads a script: everything but reading and writing its one socket, memory, the
/// clock, and its end.
enum Confinement {
  struct Failure: Error {
    let reason: String
  }

  /// Seconds of processor time for the whole of this process's life, whatever is asked of it and whoever forgets it.
  private static let computing: rlim_t = 60
  /// Bytes of address space beyond what the program itself takes. The engine's own limit is well below.
  private static let memory: rlim_t = 256 << 20

  /// Gives it all up, and returns as which user, and how attempts to do otherwise were refused.
  ///
  /// It must be called while there is one thread: the filter is the calling thread's.
  static func enter() throws(Failure) -> (user: uid_t, refusals: [String]) {
    // A session of its own, where it has none: no terminal, and nobody's job control.
    setsid()
    umask(0o777)
    try require(shim_close_from(3), "close_range")
    let size = try ownSize()
    if geteuid() == 0 { try takeUser() }
    try require(shim_no_new_privileges(), "no_new_privs")
    try require(shim_not_dumpable(), "dumpable")
    for (resource, value) in [
      (Int32(RLIMIT_AS.rawValue), size + memory), (Int32(RLIMIT_CPU.rawValue), computing),
      (Int32(RLIMIT_FSIZE.rawValue), 0), (Int32(RLIMIT_NOFILE.rawValue), 0), (Int32(RLIMIT_CORE.rawValue), 0),
      (shim_RLIMIT_NPROC, 0), (shim_RLIMIT_MSGQUEUE, 0), (shim_RLIMIT_MEMLOCK, 0),
    ] { try require(shim_set_limit(resource, value), "setrlimit") }
    let user = geteuid()
    guard filter.install() else { throw Failure(reason: "seccomp: \(Errno(rawValue: errno))") }
    let refusals = try attempts.map { (name, attempt) throws(Failure) in
      errno = 0
      guard attempt() < 0, errno == EPERM else { throw Failure(reason: "\(name) is not refused (errno \(errno))") }
      return "\(name): EPERM"
    }
    return (user, refusals)
  }

  private static var filter: SystemCallFilter {
    var filter = SystemCallFilter()
    filter.allow(SYS_read, if: .equals(argument: 0, 0))
    filter.allow(SYS_write, if: .equals(argument: 0, 0))
    filter.allow(SYS_clock_gettime)
    filter.allow(SYS_mmap, if: .without(argument: 2, bits: UInt32(PROT_EXEC)))
    filter.allow(SYS_mprotect, if: .without(argument: 2, bits: UInt32(PROT_EXEC)))
    for call in [SYS_munmap, SYS_mremap, SYS_brk, SYS_madvise, SYS_futex, SYS_exit, SYS_exit_group, SYS_rt_sigreturn] {
      filter.allow(call)
    }
    return filter
  }

  /// None of these does harm where it is not refused, and evaluation then ends before it begins.
  private static let attempts: [(String, @Sendable () -> Int)] = [
    ("open", { Int(shim_openat(AT_FDCWD, "/etc/passwd", O_RDONLY, 0)) }),
    ("socket", { Int(socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)) }),
    ("unix socket", { Int(socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)) }),
    ("ptrace", { shim_ptrace_traceme() }),
    ("kill", { Int(kill(getppid(), 0)) }),
    ("write to standard error", { write(2, "", 0) }),
    (
      "executable memory",
      {
        let page = mmap(nil, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        return page == MAP_FAILED ? -1 : 0
      }
    ),
    ("fork", { Int(shim_fork()) }),
  ]

  /// Root becomes a user that nobody is, out of those that systemd keeps for such purposes (61184 to 65519).
  private static func takeUser() throws(Failure) {
    let count = 65_519 - 61_184 + 1
    let start = Int(getpid())
    guard
      let number = (0..<count).lazy.map({ uid_t(61_184 + (start + $0) % count) }).first(where: {
        getpwuid($0) == nil && getgrgid($0) == nil
      })
    else { throw Failure(reason: "no user number between 61184 and 65519 is free") }
    try require(shim_take_user(number), "becoming user \(number)")
  }

  /// Bytes of this process's address space; proc(5), statm.
  private static func ownSize() throws(Failure) -> rlim_t {
    let file = shim_openat(AT_FDCWD, "/proc/self/statm", O_RDONLY | O_CLOEXEC, 0)
    guard file >= 0 else { throw Failure(reason: "/proc/self/statm: \(Errno(rawValue: errno))") }
    defer { close(file) }
    var bytes = [UInt8](repeating: 0, count: 128)
    let count = read(file, &bytes, bytes.count)
    guard let pages = bytes.prefix(max(0, count)).split(separator: 0x20).first,
      let number = rlim_t(String(decoding: pages, as: UTF8.self))
    else { throw Failure(reason: "/proc/self/statm makes no sense") }
    return number * rlim_t(sysconf(Int32(_SC_PAGESIZE)))
  }

  private static func require(_ result: Int32, _ call: String) throws(Failure) {
    guard result >= 0 else { throw Failure(reason: "\(call): \(Errno(rawValue: errno))") }
  }
}
