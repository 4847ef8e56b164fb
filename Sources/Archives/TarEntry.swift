import CArchive
import Glibc

/// What the tar reader says of one entry, before anything is decided about it.
struct TarEntry {
  enum Kind: Sendable, Equatable {
    case file, directory, link(target: [UInt8]), hardLink, device, fifo, socket, unknown
  }

  /// The name's bytes as they stand in the archive; a directory's may end in `/`.
  let name: [UInt8]
  let kind: Kind
  /// Permission bits with setuid, setgid and sticky.
  let mode: UInt32
  /// Bytes of data that follow.
  let size: Int64
  /// Attributes that no release may carry, the gravest first.
  let refused: ArchiveError.Code?

  /// `headers`: bytes that the entry's headers took in the stream.
  init(_ raw: OpaquePointer, headers: Int64, isPax: Bool) {
    name = archive_entry_pathname(raw).map(Self.bytes) ?? []
    mode = UInt32(archive_entry_mode(raw)) & 0o7777
    size = archive_entry_size(raw)
    kind = Self.kind(raw)
    let isPlain = !isPax && Self.explains(headers, name: name, kind: kind)
    refused = Self.refused(raw) ?? (isPlain ? nil : .extendedHeader)
  }

  private static func kind(_ raw: OpaquePointer) -> Kind {
    if archive_entry_hardlink(raw) != nil { return .hardLink }
    return switch archive_entry_filetype(raw) {
    case shim_AE_IFREG: .file
    case shim_AE_IFDIR: .directory
    case shim_AE_IFLNK: .link(target: archive_entry_symlink(raw).map(bytes) ?? [])
    case shim_AE_IFCHR, shim_AE_IFBLK: .device
    case shim_AE_IFIFO: .fifo
    case shim_AE_IFSOCK: .socket
    default: .unknown
    }
  }

  private static func refused(_ raw: OpaquePointer) -> ArchiveError.Code? {
    var found: ArchiveError.Code?
    archive_entry_xattr_reset(raw)
    var name: UnsafePointer<CChar>?
    var value: UnsafeRawPointer?
    var size = 0
    while archive_entry_xattr_next(raw, &name, &value, &size) == ARCHIVE_OK {
      if let name, String(cString: name) == "security.capability" { return .fileCapability }
      found = .extendedAttribute
    }
    if let found { return found }
    if archive_entry_acl_types(raw) != 0 { return .accessControlList }
    var set: UInt = 0
    var clear: UInt = 0
    archive_entry_fflags(raw, &set, &clear)
    if set != 0 || clear != 0 || archive_entry_fflags_text(raw) != nil { return .fileFlags }
    if archive_entry_sparse_count(raw) > 0 { return .sparse }
    return nil
  }

  private static func bytes(_ text: UnsafePointer<CChar>) -> [UInt8] {
    UnsafeRawBufferPointer(start: text, count: strlen(text)).map { $0 }
  }

  /// Bytes in tar's blocks of 512.
  static func blocks(_ bytes: Int64) -> Int64 { (bytes + 511) / 512 * 512 }

  /// Whether headers of this length are the entry's own block and, where they are needed, the GNU long name and long
  /// target. More would be headers that the reader swallowed silently, such as global ones or volume labels.
  private static func explains(_ headers: Int64, name: [UInt8], kind: Kind) -> Bool {
    func long(_ bytes: [UInt8]) -> Int64 { bytes.count > 100 ? 512 + blocks(Int64(bytes.count) + 1) : 0 }
    var target: Int64 = 0
    if case .link(let bytes) = kind { target = long(bytes) }
    return [0, long(name), target, long(name) + target].contains(headers - 512)
  }
}
