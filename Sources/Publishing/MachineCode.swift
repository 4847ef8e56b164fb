import Posix
import Product
import SystemPackage

/// Which machine an executable is for, by its ELF header (elf(5)).
struct MachineCode {
  /// As platforms name it, or a number that they have no name for.
  let machine: String

  private static let names = [62: "x86_64", 183: "aarch64"]

  /// Nil for a file that is not ELF, such as a script.
  init?(_ header: [UInt8]) {
    guard header.count >= 20, header[..<4] == [0x7F, UInt8(ascii: "E"), UInt8(ascii: "L"), UInt8(ascii: "F")] else {
      return nil
    }
    // e_machine, in the byte order that EI_DATA names.
    let isBig = header[5] == 2
    let number = Int(header[isBig ? 19 : 18]) | Int(header[isBig ? 18 : 19]) << 8
    machine = Self.names[number] ?? "ELF machine \(number)"
  }

  /// Errors: invalidInput, where the program at `path`, which came from `place`, is for another machine than the
  /// platform's.
  static func require(_ platform: Platform, of path: FilePath, at place: FilePath) throws {
    let file = try FileDescriptor.open(path, .readOnly, options: [.closeOnExec, .nonBlocking])
    defer { try? file.close() }
    var header = [UInt8](repeating: 0, count: 20)
    let count = try header.withUnsafeMutableBytes { try file.read(at: 0, into: $0, path: path.string) }
    guard let code = MachineCode(Array(header[..<count])), !platform.text.hasSuffix("-\(code.machine)") else { return }
    throw PublishingError(
      .invalidInput, "\(place): this updater is for \(code.machine), but the release is for \(platform)",
      remedy: "name the `slipway` that was built for \(platform) with --updater")
  }
}
