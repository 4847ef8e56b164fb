import Bundles
import Glibc
import Posix
import SystemPackage

/// A file that appears under its name only when it is whole.
struct OutputFile {
  let path: FilePath
  private let directory: Directory
  private let name: String

  init(_ path: FilePath) throws {
    guard let name = path.lastComponent, name.kind == .regular else {
      throw PublishingError(.invalidInput, "--output \(path): not a file's name", remedy: "name the file to write")
    }
    let folder = path.removingLastComponent()
    directory = try Directory.following(folder.isEmpty ? "." : folder)
    self.path = path
    self.name = name.string
  }

  private func temporary(_ suffix: String) -> String { ".\(name).\(suffix)" }

  /// Where the part named `suffix` lies until it is whole.
  func place(_ suffix: String) -> FilePath { FilePath("\(directory.path)/\(temporary(suffix))") }

  /// Makes an empty part, in place of what an interrupted run has left.
  func make(_ suffix: String) throws -> OpenFile {
    remove(suffix)
    return OpenFile(try directory.create(temporary(suffix), mode: 0o600))
  }

  func remove(_ suffix: String) {
    if (try? directory.status(temporary(suffix))) != nil { try? directory.unlink(temporary(suffix)) }
  }

  /// Flushes the part and gives it its name and its mode, whatever the umask.
  func commit(_ suffix: String, _ file: OpenFile, mode: mode_t) throws {
    guard fchmod(file.descriptor.rawValue, mode) == 0 else { throw PosixError("chmod", path.string, code: errno) }
    try file.descriptor.synchronize(path.string)
    try directory.rename(temporary(suffix), to: directory, as: name)
    try directory.synchronize()
  }
}
