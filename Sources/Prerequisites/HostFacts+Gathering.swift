import Glibc
import Posix
import SystemPackage

extension HostFacts {
  /// Looks at this machine. Account file, os-release and package database are taken from below `root` where they are
  /// there and from the machine itself otherwise: an empty scratch root still runs on this system. What cannot be
  /// read is left out of the facts, and the verdict says so.
  public static func gather(root: FilePath, installingAt folder: FilePath, for needs: PrerequisiteNeeds) -> HostFacts {
    var facts = HostFacts()
    facts.user = geteuid()
    facts.now = HostClock.wallSeconds()
    facts.accounts = read("etc/passwd", below: root, limit: 16 << 20).map(LocalFiles.accounts(passwd:))
    facts.system =
      (read("etc/os-release", below: root, limit: 1 << 16)
      ?? read("usr/lib/os-release", below: root, limit: 1 << 16))
      .map { OSRelease(parsing: String(decoding: $0, as: UTF8.self)) }
    let packages = Set(facts.system.map { needs.packages(for: $0) } ?? [])
    if !packages.isEmpty {
      facts.packages = read("var/lib/dpkg/status", below: root, limit: 256 << 20)
        .map { LocalFiles.installed(packages, dpkgStatus: $0) }
    }
    facts.kernel = kernelRelease().flatMap { DottedVersion($0) }
    facts.glibc = glibcVersion()
    facts.libraries = Set(needs.libraries.filter(canLoad))
    facts.systemdRuns = access("/run/systemd/system", F_OK) == 0
    facts.systemdVersion = systemdVersion()
    facts.measureDisk(folder)
    return facts
  }

  /// The nearest folder that is there stands for one that will be made.
  private mutating func measureDisk(_ folder: FilePath) {
    var path = folder
    while access(path.string, F_OK) != 0, path.removeLastComponent() {}
    if path.isEmpty { path = "." }
    diskPath = path.string
    var s = statvfs()
    guard statvfs(path.string, &s) == 0 else { return }
    freeBytes = Int64(s.f_bavail) * Int64(s.f_frsize)
    freeInodes = s.f_files == 0 ? .max : Int64(s.f_favail)
  }

  private static func read(_ name: String, below root: FilePath, limit: Int) -> [UInt8]? {
    for base in [root, "/"] {
      let path = FilePath("\(base.string)/\(name)")
      guard let file = try? FileDescriptor.open(path, .readOnly, options: [.closeOnExec, .nonBlocking]) else {
        continue
      }
      defer { try? file.close() }
      guard let status = try? file.status(path.string), status.kind == .file,
        let bytes = try? file.readAll(limit: limit, path: path.string)
      else { continue }
      return bytes
    }
    return nil
  }

  private static func kernelRelease() -> String? {
    read("proc/sys/kernel/osrelease", below: "/", limit: 1024).map { String(decoding: $0, as: UTF8.self) }
  }

  /// confstr(3) answers `glibc 2.36`; other C libraries do not know the question.
  private static func glibcVersion() -> DottedVersion? {
    var answer = [CChar](repeating: 0, count: 64)
    let count = confstr(Int32(_CS_GNU_LIBC_VERSION), &answer, answer.count)
    guard count > 1, count <= answer.count else { return nil }
    let text = String(decoding: answer.prefix(count - 1).map(UInt8.init(bitPattern:)), as: UTF8.self)
    return text.split(separator: " ").last.flatMap { DottedVersion(String($0)) }
  }

  private static func canLoad(_ library: String) -> Bool {
    guard let handle = dlopen(library, RTLD_LAZY | RTLD_LOCAL) else { return false }
    dlclose(handle)
    return true
  }

  /// From the name of systemd's private library, which carries it: no process to run, no bus to ask.
  private static func systemdVersion() -> Int? {
    for folder in ["/usr/lib/\(libraryTriplet)/systemd", "/usr/lib/systemd", "/usr/lib64/systemd", "/lib/systemd"] {
      guard let names = try? Directory.open(FilePath(folder)).names() else { continue }
      for name in names where name.hasPrefix("libsystemd-shared-") && name.hasSuffix(".so") {
        let digits = name.dropFirst("libsystemd-shared-".count).prefix { $0.isASCII && $0.isNumber }
        if let version = Int(digits) { return version }
      }
    }
    return nil
  }

  private static var libraryTriplet: String {
    #if arch(arm64)
      "aarch64-linux-gnu"
    #else
      "x86_64-linux-gnu"
    #endif
  }
}
