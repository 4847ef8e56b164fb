import Console
import Glibc
import Posix
import Publishing
import SystemPackage

/// Passphrases from files and from people.
enum Passphrase {
  /// The first line of a file. Errors: passphraseMissing when it is empty.
  static func read(_ path: FilePath) throws -> [UInt8] {
    let bytes: [UInt8]
    do {
      let file = try FileDescriptor.open(path, .readOnly, options: [.closeOnExec])
      defer { try? file.close() }
      bytes = try file.readAll(limit: 1 << 16, path: path.string)
    } catch {
      throw PublishingError(
        .passphraseMissing, "\(path): the passphrase file cannot be read (\(error))",
        remedy: "name a readable file with --passphrase-file")
    }
    let line = bytes.prefix { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") }
    guard !line.isEmpty else {
      throw PublishingError(
        .passphraseMissing, "\(path): the passphrase file is empty", remedy: "write the passphrase into its first line")
    }
    return Array(line)
  }

  /// Asks on the terminal; nil where there is none, as in a pipeline or a cron job.
  static func asker() -> ((KeyReader.Question) throws -> [UInt8])? {
    guard isatty(STDIN_FILENO) == 1 else { return nil }
    return { question in
      switch question {
      case .existing(let path): return try Terminal.secret("Passphrase of \(path): ")
      case .new:
        let first = try Terminal.secret("Passphrase for the new keys: ")
        guard !first.isEmpty, try Terminal.secret("The same again: ") == first else {
          throw PublishingError(
            .passphraseMissing, "the passphrase is empty, or was typed differently the second time",
            remedy: "try it again")
        }
        return first
      }
    }
  }
}
