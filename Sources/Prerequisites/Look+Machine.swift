import Glibc
import Posix
import Product
import SystemPackage

extension Look {
  /// The looks at this machine. Account file, os-release and package database are taken from below `root` where they are
  /// there and from the machine itself otherwise: an empty scratch root still runs on this system. What cannot be
  /// read is left out of the facts, and the verdict says so.
  ///
  /// - Parameters:
  ///   - versions: the folder that versions are installed in, there or not.
  ///   - state: the folder that downloads and their copies are in.
  public static func machine(
    root: FilePath, versions: FilePath, state: FilePath, for needs: PrerequisiteNeeds
  ) -> [Look] {
    let files = MachineFiles(root: root)
    let accounts = needs.rules.accounts.map { LocalAccount($0).name }
    var looks: [Look] = [
      .blocking(.elevation) {
        let user = geteuid()
        return { $0.user = user }
      },
      .blocking(.accounts) {
        let names = files.read("etc/passwd", limit: 16 << 20).map(LocalFiles.accounts(passwd:))
        return { $0.accounts = names }
      },
      .blocking(.disk) {
        let (versions, state) = (volume(versions), volume(state))
        return { ($0.versions, $0.state) = (versions, state) }
      },
      .blocking(.os) {
        let (system, kernel) = (files.system(), files.kernel())
        return { ($0.system, $0.kernel) = (system, kernel) }
      },
      .blocking(.clock) {
        let now = HostClock.wallSeconds()
        return { $0.now = now }
      },
      .blocking(.libraries) {
        let wanted = Set(files.system().map { needs.packages(for: $0) } ?? [])
        let packages =
          wanted.isEmpty
          ? nil
          : files.read("var/lib/dpkg/status", limit: 256 << 20)
            .map { LocalFiles.installed(wanted, dpkgStatus: $0) }
        let (glibc, libraries) = (glibcVersion(), Set(needs.libraries.filter(canLoad)))
        return { ($0.glibc, $0.libraries, $0.packages) = (glibc, libraries, packages) }
      },
      .blocking(.services) {
        let (runs, version) = (access("/run/systemd/system", F_OK) == 0, files.systemdVersion())
        return { ($0.systemdRuns, $0.systemdVersion) = (runs, version) }
      },
    ]
    if !accounts.isEmpty {
      // Only to say more of a missing account: a directory service may take its time, and decides nothing.
      looks.append(
        .blocking(bound: 3) {
          let known = Set(accounts.filter { getpwnam($0) != nil })
          return { $0.directoryAccounts = known }
        })
    }
    return looks
  }

  /// The nearest folder that is there stands for one that will be made.
  private static func volume(_ folder: FilePath) -> SpaceNeed.Volume? {
    var path = folder
    while access(path.string, F_OK) != 0, path.removeLastComponent() {}
    if path.isEmpty { path = "." }
    guard let free = try? Directory.open(path).freeSpace() else { return nil }
    return SpaceNeed.Volume(
      folder: path.string, device: free.device, freeBytes: free.bytes, freeInodes: free.inodes)
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
}
