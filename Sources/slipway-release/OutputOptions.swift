import ArgumentParser
import Console

/// How a verb tells its result: one JSON document for machines, or words for people.
struct OutputOptions: ParsableArguments {
  @Flag(help: "Print one JSON document on standard output.")
  var json = false

  /// Tells what was done.
  func done(_ document: some Encodable, _ words: [String]) throws {
    if json { try Output.document(document) } else { Self.lines(words).forEach(Output.tell) }
  }

  /// Answers what was asked for.
  func answer(_ document: some Encodable, _ words: [String]) throws {
    if json { try Output.document(document) } else { Self.lines(words).forEach(Output.line) }
  }

  /// Each stays one line: what others have written into a proposal or a repository must not pass for lines of ours.
  static func lines(_ words: [String]) -> [String] { words.map { $0.sanitized(limit: .max) } }
}
