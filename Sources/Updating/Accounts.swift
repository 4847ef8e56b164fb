import Glibc
import Installation
import Posix
import Product
import Services
import SystemPackage

/// A user of this device, as numbers.
public struct Account: Sendable, Equatable {
  public let name: String
  public let user: uid_t
  public let group: gid_t
}

/// The system users that a product needs: made by systemd-sysusers on a real machine, written into
/// `DIR/etc/passwd` below another root.
public struct Accounts: Sendable {
  let layout: Layout

  public init(_ layout: Layout) { self.layout = layout }

  /// The sysusers.d(5) text for `names`.
  public static func sysusers(_ names: [String], product: ProductID) -> String {
    "# Users of \(product), made by Slipway.\n" + names.map { "u \($0) - \"\(product)\" - -\n" }.joined()
  }

  /// The account in this root's own passwd file (never the directory service's).
  public func find(_ name: String) -> Account? {
    guard let etc = try? Directory.open(layout.root.appending("etc")),
      let bytes = (try? etc.read("passwd", limit: 4 << 20)) ?? nil
    else { return nil }
    for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") {
      let fields = line.split(separator: ":", omittingEmptySubsequences: false)
      if fields.count >= 4, fields[0] == name, let user = uid_t(fields[2]), let group = gid_t(fields[3]) {
        return Account(name: name, user: user, group: group)
      }
    }
    return nil
  }

  /// Whether this process is fetch's user already.
  public var isFetch: Bool { find(layout.fetchUser).map { $0.user == geteuid() } ?? false }

  /// Has this process, if it is root's, begin anew as fetch's user, where there is one: fetch meets the network, and its
  /// folder is nobody else's. For the first act of a program.
  public func becomeFetch() throws {
    guard let account = find(layout.fetchUser) else { return }
    try Self.become(account, remedy: "run `slipway update`, which fetches as that user")
  }

  /// Starts this very program anew as that user. Changing the user alone would leave a thread behind that is root's: the
  /// first one, which has ended for glibc once tasks run, and lives on for the kernel.
  private static func become(_ account: Account, remedy: String) throws {
    guard geteuid() == 0 else { return }
    var groups = [account.group]
    var words: [UnsafeMutablePointer<CChar>?] = CommandLine.arguments.map { strdup($0) } + [nil]
    defer { words.forEach { free($0) } }
    if setgroups(groups.count, &groups) == 0, setgid(account.group) == 0, setuid(account.user) == 0 {
      execv("/proc/self/exe", &words)
    }
    throw Failure(
      .notElevated, name: "notElevated",
      "what meets the network cannot become the user \(account.name): \(Errno(rawValue: errno))", remedy: remedy)
  }

  /// The same for a look at the network, which may come before there is such a user: then as nobody.
  public static func becomeNobody() throws {
    try become(Account(name: "nobody", user: 65_534, group: 65_534), remedy: "run it as another user than root")
  }

  /// Makes those of `names` that are missing; what is about to be made is noted in `undo` first.
  public func make(_ names: [String], undo: UndoList) async throws {
    let missing = names.filter { find($0) == nil }
    guard !missing.isEmpty else { return }
    try undo.note(missing.flatMap { [.user($0), .group($0)] })
    guard layout.isHost else { return try append(missing) }
    let text = Self.sysusers(names, product: layout.product)
    try DurableFile.write(Array(text.utf8), "sysusers.conf", in: try Directory.open(layout.state))
    let outcome = try await Command.run(
      "/usr/bin/systemd-sysusers", [layout.sysusers.string], patience: 60, outputLimit: 4096)
    guard outcome.status == 0, missing.allSatisfy({ find($0) != nil }) else {
      throw InstallationError(
        .account,
        "systemd-sysusers could not make \(missing.joined(separator: ", ")): \(String(decoding: outcome.output, as: UTF8.self))",
        remedy: "look at \(layout.sysusers) and /etc/passwd (is it read-only?), then try again")
    }
  }

  /// Another root's files are written by us, with numbers that are free there and on the host.
  private func append(_ names: [String]) throws {
    let etc = try Directory.make(layout.root.appending("etc"), below: layout.root)
    let read = { (file: String) in String(decoding: try etc.read(file, limit: 4 << 20) ?? [], as: UTF8.self) }
    var passwd = try read("passwd")
    var group = try read("group")
    func taken(_ number: UInt32) -> Bool {
      getpwuid(number) != nil || getgrgid(number) != nil
        || (passwd + group).split(separator: "\n").contains {
          $0.split(separator: ":", omittingEmptySubsequences: false).dropFirst(2).first.flatMap { UInt32($0) } == number
        }
    }
    for name in names {
      guard let number = (UInt32(600)...998).reversed().first(where: { !taken($0) }) else {
        throw InstallationError(
          .account, "no user number between 600 and 998 is free for \(name)", remedy: "remove users that are not needed"
        )
      }
      passwd += "\(name):x:\(number):\(number):\(layout.product):/:/usr/sbin/nologin\n"
      group += "\(name):x:\(number):\n"
    }
    try DurableFile.write(Array(group.utf8), "group", in: etc)
    try DurableFile.write(Array(passwd.utf8), "passwd", in: etc)
  }
}
