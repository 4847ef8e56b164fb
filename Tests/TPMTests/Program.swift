import Glibc
import Subprocess
import SystemPackage
import Testing

/// Programs of the system, and files for them.
enum Program {
  struct Failed: Error, CustomStringConvertible {
    let description: String
  }

  /// What the program writes; throws when it fails.
  @discardableResult
  static func check(_ path: FilePath, _ arguments: [String]) async throws -> String {
    let result = try await Subprocess.run(
      .path(path), arguments: Arguments(arguments), input: .none, output: .string(limit: 1 << 20),
      error: .combinedWithOutput)
    guard result.terminationStatus.isSuccess else {
      throw Failed(description: "\(arguments.joined(separator: " ")): \(result.standardOutput)")
    }
    return result.standardOutput
  }

  static func read(_ path: FilePath) throws -> [UInt8] {
    let file = try FileDescriptor.open(path, .readOnly)
    return try file.closeAfter {
      var all: [UInt8] = []
      while true {
        let part = try [UInt8](unsafeUninitializedCapacity: 65_536) { buffer, count in
          count = try file.read(into: UnsafeMutableRawBufferPointer(buffer))
        }
        if part.isEmpty { return all }
        all += part
      }
    }
  }

  static func write(_ path: FilePath, _ bytes: [UInt8], permissions: FilePermissions = .ownerReadWriteExecute) throws {
    let file = try FileDescriptor.open(
      path, .writeOnly, options: [.create, .truncate], permissions: permissions)
    _ = try file.closeAfter { try file.writeAll(bytes) }
  }
}

/// A folder that is gone after the test.
enum Scratch {
  static func with(_ body: @Sendable (FilePath) async throws -> Void) async throws {
    let base = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
    var template = Array("\(base)/tpm-tests-XXXXXX".utf8CString)
    let path = try #require(mkdtemp(&template).map { String(cString: $0) })
    do { try await body(FilePath(path)) } catch {
      _ = try? await Program.check("/bin/rm", ["-rf", path])
      throw error
    }
    try await Program.check("/bin/rm", ["-rf", path])
  }
}
