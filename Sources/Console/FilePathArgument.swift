import FoundationEssentials
import SystemPackage

/// A path as a person gives it.
enum FilePathArgument {
  static func absolute(_ text: String) -> FilePath {
    FilePath(FileManager.default.currentDirectoryPath).pushing(FilePath(text))
  }
}
