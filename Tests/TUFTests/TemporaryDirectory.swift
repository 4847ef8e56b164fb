import Glibc
import Testing

/// Runs `body` with a new directory that is gone afterwards.
func withTemporaryDirectory<R>(_ body: (String) async throws -> R) async throws -> R {
  var template = Array("/tmp/tuf-tests-XXXXXX".utf8CString)
  let path = try #require(mkdtemp(&template).map { String(cString: $0) })
  defer { remove(path) }
  return try await body(path)
}

/// The names in a directory, sorted.
func listing(_ path: String) throws -> [String] {
  let directory = try #require(opendir(path))
  defer { closedir(directory) }
  var names: [String] = []
  while let entry = readdir(directory) {
    let name = withUnsafePointer(to: &entry.pointee.d_name) {
      $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
    }
    if name != "." && name != ".." { names.append(name) }
  }
  return names.sorted()
}

private func remove(_ path: String) {
  var status = stat()
  guard lstat(path, &status) == 0 else { return }
  if status.st_mode & S_IFMT == S_IFDIR {
    for name in (try? listing(path)) ?? [] { remove(path + "/" + name) }
    rmdir(path)
  } else {
    unlink(path)
  }
}
