import Console
import Glibc
import Posix
import Publishing
import SystemPackage

/// Ctrl-C at a question.
struct Interruption: Error {}

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
      case .existing(let path): return try ask("Passphrase of \(path): ")
      case .new:
        let first = try ask("Passphrase for the new keys: ")
        guard !first.isEmpty, try ask("The same again: ") == first else {
          throw PublishingError(
            .passphraseMissing, "the passphrase is empty, or was typed differently the second time",
            remedy: "try it again")
        }
        return first
      }
    }
  }

  /// Reads a line without showing it. Signals are read as characters meanwhile, so that the echo always comes back.
  private static func ask(_ prompt: String) throws -> [UInt8] {
    var before = termios()
    tcgetattr(STDIN_FILENO, &before)
    var quiet = before
    quiet.c_lflag &= ~tcflag_t(ECHO | ISIG)
    // VEOL: Ctrl-C ends the line, and is its last character.
    quiet.c_cc.11 = 3
    // Before the question is seen, so that nothing of the answer is shown or flushed away.
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet)
    Output.show(prompt)
    defer {
      tcsetattr(STDIN_FILENO, TCSAFLUSH, &before)
      Output.tell("")
    }
    var line: [UInt8] = []
    var byte: UInt8 = 0
    while Glibc.read(STDIN_FILENO, &byte, 1) == 1, byte != UInt8(ascii: "\n") {
      if byte == 3 { throw Interruption() }
      line.append(byte)
    }
    return line
  }
}
