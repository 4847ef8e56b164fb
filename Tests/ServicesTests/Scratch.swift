import Glibc
import Posix
import SystemPackage

/// A folder of a test's own, gone afterwards.
struct Scratch: Sendable {
  let path: FilePath

  static func with<Result>(_ body: (Scratch) async throws -> Result) async throws -> Result {
    var template = Array("/tmp/slipway-services-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw Errno(rawValue: errno) }
    let path = FilePath(String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self))
    // Users that the supervisor drops to have to pass.
    chmod(path.string, 0o755)
    defer { try? Directory.open(path.removingLastComponent()).removeTree(path.lastComponent?.string ?? "") }
    return try await body(Scratch(path: path))
  }

  func folder(_ name: String, mode: mode_t = 0o755) throws {
    var path = path
    for component in FilePath(name).components {
      path.append(component)
      if mkdir(path.string, mode) != 0, errno != EEXIST { throw Errno(rawValue: errno) }
    }
  }

  @discardableResult
  func write(_ name: String, _ text: String, mode: mode_t = 0o644) throws -> FilePath {
    let file = path.pushing(FilePath(name))
    let descriptor = try FileDescriptor.open(
      file, .writeOnly, options: [.create, .truncate], permissions: FilePermissions(rawValue: mode))
    _ = try descriptor.closeAfter { try descriptor.writeAll(text.utf8) }
    return file
  }

  func script(_ name: String, _ text: String) throws -> FilePath {
    try write(name, "#!/bin/sh\n\(text)\n", mode: 0o755)
  }

  func read(_ name: String) -> String {
    guard let descriptor = try? FileDescriptor.open(path.pushing(FilePath(name)), .readOnly) else { return "" }
    var bytes = [UInt8](repeating: 0, count: 1 << 16)
    let count = (try? descriptor.closeAfter { try bytes.withUnsafeMutableBytes { try descriptor.read(into: $0) } }) ?? 0
    return String(decoding: bytes[..<count], as: UTF8.self)
  }

  func lines(_ name: String) -> [String] { read(name).split(separator: "\n").map(String.init) }
  func exists(_ name: String) -> Bool { access(path.pushing(FilePath(name)).string, F_OK) == 0 }
}

/// Looks every 10 ms until `condition` holds; false after `seconds`.
func eventually(within seconds: Double = 15, _ condition: () async throws -> Bool) async rethrows -> Bool {
  let clock = ContinuousClock()
  let deadline = clock.now + .seconds(seconds)
  while clock.now < deadline {
    if try await condition() { return true }
    try? await Task.sleep(for: .milliseconds(10))
  }
  return false
}
