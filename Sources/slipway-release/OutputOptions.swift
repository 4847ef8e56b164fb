import ArgumentParser
import FoundationEssentials
import Glibc
import Installation
import Posix
import SystemPackage

/// How a verb tells its result: one JSON document on standard output for machines, words on standard error for people.
struct OutputOptions: ParsableArguments {
  @Flag(help: "Print one JSON document on standard output.")
  var json = false

  /// Tells the result, once, at the end.
  func finish(_ document: some Encodable, _ words: [String]) throws {
    guard json else { return words.forEach(Self.say) }
    Self.print(try Self.encode(document))
  }

  /// Tells what went wrong and what to do, and ends with the contract's code.
  func fail(_ error: any Error) -> Never {
    if error is ValidationError || error is CleanExit || error is ExitCode { ReleaseCommand.exit(withError: error) }
    let failure = Failure(error)
    if json, let document = try? Self.encode(ErrorDocument(failure)) { Self.print(document) }
    Self.say("ERROR: \(failure.message)")
    if let remedy = failure.remedy { Self.say(remedy.prefix(1).uppercased() + remedy.dropFirst() + ".") }
    Glibc.exit(failure.code.rawValue)
  }

  /// A line for people. Nobody is left to tell when it cannot be written.
  static func say(_ line: String) { write(line + "\n", to: .standardError) }

  /// A line for machines.
  static func print(_ line: String) { write(line + "\n", to: .standardOutput) }

  static func write(_ text: String, to file: FileDescriptor) { try? file.writeFully(Array(text.utf8), path: "") }

  private static func encode(_ document: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(document), as: UTF8.self)
  }
}

/// `slipway.error/1`.
private struct ErrorDocument: Encodable {
  let schema = "slipway.error/1"
  let code: Int32
  let error: String
  let message: String
  let remedy: String?

  init(_ failure: Failure) {
    code = failure.code.rawValue
    error = failure.name
    message = failure.message
    remedy = failure.remedy
  }
}
