import Posix

/// Why a tree or its archive was refused, or could not be read or written. Equal by code.
public struct ArchiveError: Error, Equatable, Sendable, CustomStringConvertible {
  public let code: Code
  /// The entry at fault, as it was named; control characters are escaped in the description. Nil: the whole stream.
  public let entry: String?
  /// What was found, and what was expected.
  public let detail: String
  /// The system call that failed, where `code` is `system`.
  public let underlying: PosixError?

  public enum Code: String, Sendable, CaseIterable {
    // Names.
    case absolutePath, parentReference, invalidPath, nameTooLong, nameNotUTF8, controlCharacter
    // Kinds of entries.
    case escapingLink, hardLink, device, fifo, socket, specialFile, sparse, extendedHeader
    // Attributes.
    case specialMode, extendedAttribute, fileCapability, accessControlList, fileFlags
    // The archive against its manifest.
    case duplicate, belowLink, unlisted, missing
    case wrongType, wrongMode, wrongSize, wrongDigest, wrongTarget
    // The stream.
    case tooLarge, windowTooLarge, truncated, trailingData, corrupt
    // The manifest.
    case malformedManifest, wrongSchema
    // The machine.
    case system, library
  }

  package init(_ code: Code, _ entry: String? = nil, _ detail: String = "", underlying: PosixError? = nil) {
    self.code = code
    self.entry = entry
    self.detail = detail
    self.underlying = underlying
  }

  public static func == (a: ArchiveError, b: ArchiveError) -> Bool { a.code == b.code }

  /// The disk is full, or a quota is used up: nothing is wrong with the archive.
  public var isNoSpace: Bool { underlying?.isNoSpace ?? false }

  public var description: String {
    let shown = entry.map { "\"\(Self.printable($0))\": " } ?? ""
    let rest = underlying.map(\.description) ?? Self.printable(detail)
    return shown + code.meaning + (rest.isEmpty ? "" : " (\(rest))")
  }

  /// A name from an untrusted archive must not be able to steer the terminal that it is shown on.
  private static func printable(_ text: String) -> String {
    var shown = ""
    for scalar in text.unicodeScalars.prefix(512) {
      shown += scalar.properties.generalCategory == .control ? scalar.escaped(asASCII: true) : String(scalar)
    }
    return shown
  }
}

extension ArchiveError.Code {
  /// The code in words.
  public var meaning: String {
    switch self {
    case .absolutePath: "absolute path"
    case .parentReference: "path with \"..\""
    case .invalidPath: "not a plain relative path"
    case .nameTooLong: "name too long"
    case .nameNotUTF8: "name is not UTF-8"
    case .controlCharacter: "control character in a name"
    case .escapingLink: "symbolic link that leaves the tree"
    case .hardLink: "hard link"
    case .device: "device node"
    case .fifo: "fifo"
    case .socket: "socket"
    case .specialFile: "neither a file, a directory nor a symbolic link"
    case .sparse: "sparse file"
    case .extendedHeader: "extended header that is not expected here"
    case .specialMode: "setuid, setgid or sticky bit that the manifest does not allow"
    case .extendedAttribute: "extended attribute"
    case .fileCapability: "file capability"
    case .accessControlList: "access control list"
    case .fileFlags: "file flags"
    case .duplicate: "listed twice"
    case .belowLink: "below a symbolic link"
    case .unlisted: "not in the tree manifest"
    case .missing: "missing"
    case .wrongType: "wrong type"
    case .wrongMode: "wrong mode"
    case .wrongSize: "wrong size"
    case .wrongDigest: "wrong SHA-256"
    case .wrongTarget: "wrong link target"
    case .tooLarge: "more bytes than the tree manifest allows"
    case .windowTooLarge: "compressed with a window above 16 MiB"
    case .truncated: "archive ends too early"
    case .trailingData: "data after the end of the archive"
    case .corrupt: "damaged archive"
    case .malformedManifest: "malformed tree manifest"
    case .wrongSchema: "tree manifest of an unknown schema"
    case .system: "system error"
    case .library: "library error"
    }
  }
}

/// Runs `body`, giving a failed system call the name of the entry that it was about.
package func system<T: ~Copyable>(_ entry: EntryPath?, _ body: () throws(PosixError) -> T) throws(ArchiveError) -> T {
  do {
    return try body()
  } catch {
    throw ArchiveError(.system, entry?.string, underlying: error)
  }
}
