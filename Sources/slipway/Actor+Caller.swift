import Glibc
import Posix
import Updating

extension Actor {
  /// The person who called: the one who logged in, whatever account they work under now (`/proc/self/loginuid`, which only
  /// the kernel and root's login write); failing that, whom sudo or pkexec name; failing that, the process's own account.
  static var caller: Actor {
    let uid = loginUser ?? named("SUDO_UID") ?? named("PKEXEC_UID") ?? getuid()
    return Actor(name: name(of: uid) ?? "uid \(uid)", uid: uid)
  }

  private static var loginUser: uid_t? {
    guard let bytes = try? Directory.open("/proc/self").read("loginuid", limit: 32) else { return nil }
    let user = uid_t(String(decoding: bytes, as: UTF8.self).prefix { $0.isNumber })
    // What nobody has logged in to has -1.
    return user == .max ? nil : user
  }

  private static func named(_ variable: String) -> uid_t? { getenv(variable).flatMap { uid_t(String(cString: $0)) } }

  private static func name(of uid: uid_t) -> String? {
    var entry = passwd()
    var found: UnsafeMutablePointer<passwd>?
    var buffer = [CChar](repeating: 0, count: 16_384)
    guard getpwuid_r(uid, &entry, &buffer, buffer.count, &found) == 0, found != nil, let name = entry.pw_name else {
      return nil
    }
    return String(cString: name)
  }
}
