import Glibc
import Testing

/// Runs openssl(1) in a directory of its own, the independent counterpart of these tests.
struct OpenSSLTool {
  let directory: String

  /// Runs `body` with a tool whose directory is gone afterwards.
  static func use(_ body: (OpenSSLTool) throws -> Void) throws {
    var template = Array("/tmp/cryptography-tests-XXXXXX".utf8CString)
    let path = try #require(mkdtemp(&template).map { String(cString: $0) })
    let tool = OpenSSLTool(directory: path)
    defer { tool.remove() }
    try body(tool)
  }

  /// The exit status of `openssl command`, words apart by spaces, run in the directory with all output thrown away.
  func run(_ command: String) throws -> Int32 {
    let words =
      ["sh", "-c", "cd \"$0\" && exec openssl \"$@\" >/dev/null 2>&1 </dev/null", directory]
      + command.split(separator: " ").map(String.init)
    var pointers = words.map { strdup($0) } + [nil]
    defer { pointers.forEach { free($0) } }
    var child: pid_t = 0
    try #require(posix_spawn(&child, "/bin/sh", nil, nil, &pointers, environ) == 0)
    var status: Int32 = 0
    while waitpid(child, &status, 0) < 0 { try #require(errno == EINTR) }
    return status
  }

  func write(_ name: String, _ bytes: [UInt8]) throws {
    let file = try #require(fopen(directory + "/" + name, "wb"))
    defer { fclose(file) }
    try #require(fwrite(bytes, 1, bytes.count, file) == bytes.count)
  }

  func read(_ name: String) throws -> [UInt8] {
    let file = try #require(fopen(directory + "/" + name, "rb"))
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 100_000)
    let count = fread(&bytes, 1, bytes.count, file)
    return Array(bytes.prefix(count))
  }

  private func remove() {
    guard let handle = opendir(directory) else { return }
    while let entry = readdir(handle) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      unlink(directory + "/" + name)
    }
    closedir(handle)
    rmdir(directory)
  }
}
