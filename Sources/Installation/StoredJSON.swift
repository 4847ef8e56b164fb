import FoundationEssentials
import Glibc
import Posix
import SystemPackage

/// Our own small JSON files: sorted keys, one line, written whole or not at all.
public enum StoredJSON {
  /// 4 MiB: what any file of ours may have at most.
  static let limit = 4 << 20

  /// - Throws: `malformed`, naming the file and the place in it.
  public static func decode<T: Decodable>(
    _ type: T.Type, _ bytes: [UInt8], file: String, remedy: String = "it is set aside and rebuilt by `slipway recover`"
  ) throws(InstallationError) -> T {
    do {
      return try JSONDecoder().decode(type, from: Data(bytes))
    } catch {
      let place =
        switch error as? DecodingError {
        case .keyNotFound(let key, let context): path(context.codingPath + [key]) + " is missing"
        case .typeMismatch(_, let context), .valueNotFound(_, let context):
          path(context.codingPath) + " is of another type"
        case .dataCorrupted(let context):
          context.codingPath.isEmpty ? "it is not JSON" : path(context.codingPath) + " has a value that cannot be"
        default: "\(error)"
        }
      throw InstallationError(.malformed, "\(file): \(place)", remedy: remedy)
    }
  }

  private static func path(_ keys: [any CodingKey]) -> String {
    "'" + keys.map { $0.intValue.map { "[\($0)]" } ?? $0.stringValue }.joined(separator: ".") + "'"
  }

  static func read<T: Decodable>(_ type: T.Type, _ name: String, in directory: Directory) throws(InstallationError)
    -> T?
  {
    let bytes: [UInt8]?
    do { bytes = try directory.read(name, limit: limit) } catch { throw InstallationError(error) }
    guard let bytes else { return nil }
    return try decode(type, bytes, file: "\(directory.path)/\(name)")
  }

  static func write(_ value: some Encodable, _ name: String, in directory: Directory, mode: mode_t = 0o644) throws {
    let bytes = try JSON.encode(value)
    do { try DurableFile.write(bytes, name, in: directory, mode: mode) } catch { throw InstallationError(error) }
  }
}
