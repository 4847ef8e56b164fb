import Glibc

/// A validated path of an entry, relative to the root of its tree: UTF-8 without control characters, components of 1 to
/// 255 bytes that are neither `.` nor `..`, 4,095 bytes in all, no `/` at either end.
///
/// Equality, order and hash go by bytes: two spellings of one accented letter are two names to the file system.
public struct EntryPath: Sendable, CustomStringConvertible {
  public let string: String

  /// Longest component, in bytes (NAME_MAX of Linux file systems).
  public static let maximumComponentLength = 255
  /// Longest path, in bytes (PATH_MAX without its final zero).
  public static let maximumLength = 4095

  /// Errors: absolutePath, parentReference, invalidPath, nameTooLong, controlCharacter.
  public init(_ string: String) throws(ArchiveError) {
    var string = string
    string.makeContiguousUTF8()
    if let code = Self.problem(string) { throw ArchiveError(code, string) }
    self.string = string
  }

  /// Errors: those of ``init(_:)``, and nameNotUTF8.
  public init(bytes: some Sequence<UInt8>) throws(ArchiveError) {
    let bytes = Array(bytes)
    guard let string = String(validating: bytes, as: UTF8.self) else {
      throw ArchiveError(.nameNotUTF8, String(decoding: bytes, as: UTF8.self))
    }
    try self.init(string)
  }

  private init(trusted: Substring) { string = String(trusted) }

  /// The path of `name` in the directory `parent`; nil stands for the root.
  init(_ parent: EntryPath?, _ name: String) throws(ArchiveError) {
    try self.init(parent.map { "\($0.string)/\(name)" } ?? name)
  }

  private static func problem(_ string: String) -> ArchiveError.Code? {
    let bytes = string.utf8
    if bytes.isEmpty { return .invalidPath }
    if bytes.first == UInt8(ascii: "/") { return .absolutePath }
    if bytes.count > maximumLength { return .nameTooLong }
    if hasControlCharacter(string) { return .controlCharacter }
    for component in bytes.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false) {
      if component.isEmpty || component.elementsEqual(".".utf8) { return .invalidPath }
      if component.elementsEqual("..".utf8) { return .parentReference }
      if component.count > maximumComponentLength { return .nameTooLong }
    }
    return nil
  }

  /// C0, DEL and C1: what a terminal may take for a command.
  static func hasControlCharacter(_ string: String) -> Bool {
    string.unicodeScalars.contains { $0.value < 0x20 || (0x7f...0x9f).contains($0.value) }
  }

  public var description: String { string }

  /// The directory that holds this entry; nil where that is the root of the tree.
  public var parent: EntryPath? {
    guard let slash = string.utf8.lastIndex(of: UInt8(ascii: "/")) else { return nil }
    return EntryPath(trusted: string[..<slash])
  }

  /// The last component.
  public var name: String {
    guard let slash = string.utf8.lastIndex(of: UInt8(ascii: "/")) else { return string }
    return String(string[string.utf8.index(after: slash)...])
  }

  /// How many directories are above the entry; 0 at the top of the tree.
  var depth: Int { string.utf8.count { $0 == UInt8(ascii: "/") } }

  /// Throws `escapingLink` unless a symbolic link here with this target stays inside the tree, whatever other links it
  /// runs through: the target is relative, and `..` stands only at its beginning, at most once for each directory above
  /// the link. (`a/..` could leave the tree where `a` is a link itself.)
  func checkTarget(_ target: String) throws(ArchiveError) {
    let bytes = target.utf8
    if bytes.isEmpty || bytes.count > Self.maximumLength { throw ArchiveError(.invalidPath, string, "link target") }
    if Self.hasControlCharacter(target) { throw ArchiveError(.controlCharacter, string, "in the link target") }
    if bytes.first == UInt8(ascii: "/") { throw ArchiveError(.escapingLink, string, "to \(target)") }
    var up = 0
    var down = false
    for component in bytes.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: true) {
      if component.elementsEqual("..".utf8) {
        up += 1
        if down || up > depth { throw ArchiveError(.escapingLink, string, "to \(target)") }
      } else if !component.elementsEqual(".".utf8) {
        down = true
        if component.count > Self.maximumComponentLength { throw ArchiveError(.nameTooLong, string, "link target") }
      }
    }
  }
}

extension EntryPath: Hashable, Comparable {
  public static func == (a: EntryPath, b: EntryPath) -> Bool {
    a.string.utf8.count == b.string.utf8.count && a.compare(b) == 0
  }

  public static func < (a: EntryPath, b: EntryPath) -> Bool {
    let order = a.compare(b)
    return order < 0 || (order == 0 && a.string.utf8.count < b.string.utf8.count)
  }

  /// memcmp(3) of what both have: trees have thousands of paths with long common beginnings.
  private func compare(_ other: EntryPath) -> Int32 {
    var (a, b) = (string, other.string)
    return a.withUTF8 { a in
      b.withUTF8 { b in
        guard let first = a.baseAddress, let second = b.baseAddress else { return 0 }
        return memcmp(first, second, min(a.count, b.count))
      }
    }
  }

  public func hash(into hasher: inout Hasher) {
    var string = string
    string.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
  }
}

extension EntryPath: Codable {
  public init(from decoder: any Decoder) throws {
    try self.init(try decoder.singleValueContainer().decode(String.self))
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(string)
  }
}
