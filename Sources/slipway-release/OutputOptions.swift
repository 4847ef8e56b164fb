import ArgumentParser
import Console

/// How a verb tells its result: one JSON document for machines, or words for people.
struct OutputOptions: ParsableArguments {
  @Flag(help: "Print one JSON document on standard output.")
  var json = false

  /// Tells what was done.
  func done(_ document: some Encodable, _ words: [String]) throws {
    if json { try Output.document(document) } else { words.forEach(Output.tell) }
  }

  /// Answers what was asked for.
  func answer(_ document: some Encodable, _ words: [String]) throws {
    if json { try Output.document(document) } else { words.forEach(Output.line) }
  }
}
