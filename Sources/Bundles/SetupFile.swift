import Cryptography
import Posix
import SystemPackage

/// A Setup file: the bootstrapper, the root of trust, the bundle, and a footer of fixed size that says where they lie.
///
/// The checksum tells a damaged download from a forged one: what is forged is told by the signatures inside.
public struct SetupFile: Sendable {
  static let magic = Array("SLIPWAY-SETUP/1\n".utf8)
  /// Magic, four 64-bit little-endian numbers, SHA-256 of root and bundle.
  static let footerLength = 16 + 4 * 8 + 32

  public let file: OpenFile
  public let root: [UInt8]
  public let bundle: FileBundle
  /// Where the bundle lies in the file, in bytes.
  public let bundleRange: Range<Int64>

  /// Reads `file`; nil when it is the bare bootstrapper: no footer, and nothing behind the executable's own end.
  public init?(_ file: OpenFile, name: String) throws(BundleError) {
    let size: Int64
    do { size = try file.descriptor.status(name).size } catch { throw BundleError(error) }
    guard size > Int64(Self.footerLength) else { return nil }
    var footer = [UInt8](repeating: 0, count: Self.footerLength)
    let footerStart = size - Int64(Self.footerLength)
    try FileBundle.fill(&footer, file, at: footerStart, name: name)
    guard footer.starts(with: Self.magic) else {
      if let end = try Self.executableEnd(file, name: name), size > end {
        throw BundleError(
          .malformed, "\(name): the Setup file is damaged (it does not end as one does); download it again")
      }
      return nil
    }
    let numbers = (0..<4).map { index in
      footer[(16 + index * 8)..<(24 + index * 8)].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    }
    guard numbers.allSatisfy({ $0 <= UInt64(footerStart) }), numbers[0] + numbers[1] == numbers[2],
      numbers[2] + numbers[3] == UInt64(footerStart), numbers[1] <= 512_000
    else { throw BundleError(.malformed, "\(name): the Setup file is damaged (its footer contradicts its size)") }
    let digest = try Self.digest(file, Int64(numbers[0])..<footerStart, name: name)
    guard digest == Array(footer.suffix(32)) else {
      throw BundleError(.malformed, "\(name): the Setup file is damaged (its checksum is wrong); download it again")
    }
    var root = [UInt8](repeating: 0, count: Int(numbers[1]))
    try FileBundle.fill(&root, file, at: Int64(numbers[0]), name: name)
    self.file = file
    self.root = root
    bundleRange = Int64(numbers[2])..<footerStart
    bundle = try FileBundle(file, range: bundleRange, name: name)
  }

  /// Writes a Setup file of `executable`, `root` and the one-file bundle `bundle` to `output`, opened for reading and
  /// writing and empty.
  public static func write(executable: FilePath, root: [UInt8], bundle: FilePath, to output: OpenFile, name: String)
    throws
  {
    func append(_ path: FilePath) throws -> Int64 {
      let source = OpenFile(try FileDescriptor.reading(path))
      let length = try source.descriptor.status(path.string).size
      try BundleWriter.copy(source, 0..<length, to: output.descriptor, name: path.string)
      return length
    }
    let executableLength = try append(executable)
    try output.descriptor.writeFully(root, path: name)
    let bundleStart = executableLength + Int64(root.count)
    let bundleLength = try append(bundle)
    var footer = magic
    for number in [executableLength, Int64(root.count), bundleStart, bundleLength] {
      footer += (0..<8).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
    }
    footer += try digest(output, executableLength..<(bundleStart + bundleLength), name: name)
    try output.descriptor.writeFully(footer, path: name)
  }

  /// Where an ELF executable ends: its table of section headers stands last (elf(5)). nil for anything else.
  private static func executableEnd(_ file: OpenFile, name: String) throws(BundleError) -> Int64? {
    var header = [UInt8](repeating: 0, count: 64)
    try FileBundle.fill(&header, file, at: 0, name: name)
    // ELF, 64 bits, little-endian.
    guard header.starts(with: [0x7f, 0x45, 0x4c, 0x46, 2, 1]) else { return nil }
    func number(_ range: Range<Int>) -> UInt64 { header[range].reversed().reduce(0) { $0 << 8 | UInt64($1) } }
    let end = number(40..<48).addingReportingOverflow(number(58..<60) * number(60..<62))
    return end.overflow ? nil : Int64(exactly: end.partialValue)
  }

  private static func digest(_ file: OpenFile, _ range: Range<Int64>, name: String) throws(BundleError) -> [UInt8] {
    do {
      var digest = try Digest(.sha256)
      var position = range.lowerBound
      while position < range.upperBound {
        var bytes = [UInt8](repeating: 0, count: Int(min(1 << 20, range.upperBound - position)))
        try FileBundle.fill(&bytes, file, at: position, name: name)
        try digest.update(bytes)
        position += Int64(bytes.count)
      }
      return try digest.finish()
    } catch let error as BundleError {
      throw error
    } catch {
      throw BundleError(.fileSystem, "\(name): \(error)")
    }
  }
}
