import Cryptography
import Glibc
import Posix
import Product
import SystemPackage
import TUF

/// The publisher's keys: one folder a role, so that the offline ones can be kept apart.
///
///     root/root-1.pem ...      ID/ID-1.pem ...
///     targets/targets-1.pem    online/{snapshot,timestamp,ID-rollout}-1.pem
public struct KeyFolder: Sendable {
  public let path: FilePath

  public init(_ path: FilePath) { self.path = path }

  /// The folder of a role's keys, relative to `path`.
  static func folder(of role: String) -> String {
    switch Lifetimes.kind(of: role) {
    case .root, .targets, .product: role
    case .rollout, .snapshot, .timestamp: "online"
    }
  }

  /// The key files of a role, in the order of their names.
  func files(of role: String) throws -> [FilePath] {
    let folder = path.appending(Self.folder(of: role))
    guard let directory = try open(folder) else { return [] }
    return try directory.names().filter { Self.is($0, keyOf: role) }.map { folder.appending($0) }
  }

  /// Whether `name` is `ROLE-NUMBER.pem`. (A product `x` and its neighbour `x-1` have folders of their own.)
  private static func `is`(_ name: String, keyOf role: String) -> Bool {
    guard name.hasPrefix(role + "-"), name.hasSuffix(".pem") else { return false }
    let number = name.dropFirst(role.count + 1).dropLast(4)
    return !number.isEmpty && number.allSatisfy { $0.isASCII && $0.isNumber }
  }

  /// Makes `count` keys for a role, keeping those that are there; each is on the disk when this returns.
  func make(_ count: Int, for role: String, reader: inout KeyReader) throws
    -> [(file: FilePath, key: PrivateKey)]
  {
    let folder = path.appending(Self.folder(of: role))
    let directory = try Directory.making(folder, mode: 0o700)
    try Self.requirePrivate(directory, folder)
    var keys: [(file: FilePath, key: PrivateKey)] = []
    for number in 1...max(1, count) {
      let name = "\(role)-\(number).pem"
      if try directory.status(name) != nil {
        keys.append((folder.appending(name), try reader.read(folder.appending(name))))
        continue
      }
      keys.append((folder.appending(name), try Self.make(name, in: directory, reader: &reader)))
    }
    return keys
  }

  /// Makes `count` more keys for a role, numbered on from those that are there.
  func makeNew(_ count: Int, for role: String, reader: inout KeyReader) throws -> [(file: FilePath, key: PrivateKey)] {
    let folder = path.appending(Self.folder(of: role))
    let directory = try Directory.making(folder, mode: 0o700)
    try Self.requirePrivate(directory, folder)
    let last =
      try directory.names().filter { Self.is($0, keyOf: role) }
      .compactMap { Int($0.dropFirst(role.count + 1).dropLast(4)) }.max() ?? 0
    return try (1...max(1, count)).map { number in
      let name = "\(role)-\(last + number).pem"
      return (folder.appending(name), try Self.make(name, in: directory, reader: &reader))
    }
  }

  private static func make(_ name: String, in directory: Directory, reader: inout KeyReader) throws -> PrivateKey {
    let key = try PrivateKey.generate()
    try DurableFile.write(
      try key.encryptedPEM(passphrase: try reader.newPassphrase()), name, in: directory, mode: 0o600)
    return key
  }

  private func open(_ folder: FilePath) throws -> Directory? {
    do {
      let directory = try Directory.following(folder)
      try Self.requirePrivate(directory, folder)
      return directory
    } catch let error as PosixError where error.isNotFound {
      return nil
    }
  }

  private static func requirePrivate(_ directory: Directory, _ folder: FilePath) throws {
    try KeyReader.requirePrivate(try directory.status().mode, folder, wanted: "700")
  }
}
