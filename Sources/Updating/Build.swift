import Cryptography
import Posix
import SystemPackage

/// What this executable is.
public enum Build {
  /// The version of Slipway itself.
  public static let version = "0.1.0"

  /// Seconds since the epoch before which no release of Slipway was built: a clock that says less is wrong
  /// (2026-11-01T00:00:00Z).
  public static let earliest: Int64 = 1_793_491_200

  /// The first 16 hexadecimal digits of the SHA-256 of an executable's own bytes: two builds that differ in one byte
  /// have two ids, and the sealed tree manifest says which one must answer.
  public static func id(of executable: FilePath = "/proc/self/exe") throws -> String {
    let file = try FileDescriptor.reading(executable)
    defer { try? file.close() }
    var digest = try Digest(.sha256)
    var buffer = [UInt8](repeating: 0, count: 1 << 20)
    while true {
      let count = try buffer.withUnsafeMutableBytes { try file.read(into: $0) }
      if count == 0 { break }
      try digest.update(Array(buffer[..<count]))
    }
    return id(Hex.encode(try digest.finish()))
  }

  /// This executable's own id, for the log: which build did a step.
  public static var own: String { (try? id()) ?? "unknown" }

  /// The id of an executable whose SHA-256 (hexadecimal) is known.
  public static func id(_ sha256: String) -> String { String(sha256.prefix(16)) }
}
