import FoundationEssentials
import Glibc
import SystemPackage

/// A path as a person gives it, made absolute. Links on the way are resolved here, once: what opens it follows none.
public enum FilePathArgument {
  /// Its folder is resolved; what it names in there may be missing, or a link of its own.
  public static func absolute(_ text: String) -> FilePath {
    let path = fromHere(text)
    guard let name = path.lastComponent, name.kind == .regular else { return real(path) ?? path }
    return real(path.removingLastComponent())?.appending(name) ?? path
  }

  /// For what is only read or worked in, such as `--root`: it is resolved too.
  public static func resolved(_ text: String) -> FilePath { real(fromHere(text)) ?? absolute(text) }

  private static func fromHere(_ text: String) -> FilePath {
    FilePath(FileManager.default.currentDirectoryPath).pushing(FilePath(text))
  }

  /// realpath(3); nil where there is nothing.
  private static func real(_ path: FilePath) -> FilePath? {
    guard let found = path.withPlatformString({ realpath($0, nil) }) else { return nil }
    defer { free(found) }
    return FilePath(platformString: found)
  }
}
