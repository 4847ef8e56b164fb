import Glibc
import Posix
import SystemPackage

/// A local account, read from a root's own passwd and group files: they need not be those of this host.
struct Account: Sendable, Equatable {
  let name: String
  let user: uid_t
  let group: gid_t
  /// All groups, the primary one among them.
  let groups: [gid_t]
  let home: String

  /// Looks `name` up in `etc`. Throws `account` when it is not there or the files cannot be read.
  static func find(_ name: String, etc: FilePath) throws(ServicesError) -> Account {
    let directory: Directory
    let (passwd, group): ([UInt8], [UInt8])
    do {
      directory = try Directory.open(etc)
      passwd = try directory.read("passwd", limit: 1 << 20) ?? []
      group = try directory.read("group", limit: 1 << 20) ?? []
    } catch {
      throw ServicesError(.account, "\(error)")
    }
    guard let found = parse(name, passwd: passwd, group: group) else {
      throw ServicesError(.account, "\(etc.appending("passwd")): no account named \(name)")
    }
    return found
  }

  /// The format is that of passwd(5) and group(5).
  static func parse(_ name: String, passwd: [UInt8], group: [UInt8]) -> Account? {
    func fields(_ line: ArraySlice<UInt8>) -> [String] {
      line.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false).map {
        String(decoding: $0, as: UTF8.self)
      }
    }
    for line in passwd.split(separator: 0x0A) {
      let entry = fields(line)
      guard entry.count == 7, entry[0] == name, let user = uid_t(entry[2]), let primary = gid_t(entry[3]) else {
        continue
      }
      let further = group.split(separator: 0x0A).compactMap { line -> gid_t? in
        let entry = fields(line)
        guard entry.count == 4, entry[3].split(separator: ",").contains(Substring(name)) else { return nil }
        return gid_t(entry[2])
      }
      return Account(
        name: name, user: user, group: primary, groups: [primary] + further.filter { $0 != primary }, home: entry[5])
    }
    return nil
  }
}
