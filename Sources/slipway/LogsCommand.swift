import ArgumentParser
import Console
import Installation
import Posix
import Services
import SystemPackage
import Updating

/// `slipway logs`: what Slipway and the agent have written down, and an archive of it for support.
struct LogsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "logs", abstract: "Show the verbose logs, or collect everything that support asks for.",
    discussion: """
      Example: sudo slipway logs --lines 50
      Example: sudo slipway logs --follow
      Example: sudo slipway logs --collect support.tar.zst
      The archive has logs, history, status, checks, configuration, units, and the journal of a week. Passwords of proxies,
      the enrolment key, and what looks like a password or a token is left out; read it before you pass it on all the same.
      """)

  @Option(help: "How many lines at the end are shown.") var lines = 1000
  @Flag(help: "Go on with what is written from now on, until Ctrl-C.") var follow = false
  @Option(help: "Write a support archive into FILE, which must not be there yet.") var collect: String?
  @OptionGroup var options: Options

  func validate() throws {
    guard lines >= 0 else { throw ValidationError("--lines takes a number from 0 on.") }
    guard !follow || collect == nil, !(follow && options.json) else {
      throw ValidationError("--follow goes with neither --collect nor --json.")
    }
    if let collect, FilePath(collect).lastComponent?.kind != .regular {
      throw ValidationError("--collect takes the file to write, for example support.tar.zst.")
    }
  }

  struct Document: Encodable {
    struct Line: Encodable {
      let file: String
      let text: String
    }

    let schema = "slipway.logs/1"
    let lines: [Line]
  }

  func run() async throws {
    try options.requireRoot()
    let layout = try options.installed()
    if let collect { return try await Collection(options, layout).write(FilePathArgument.absolute(collect)) }
    var logs = LogLines(layout)
    let last = try logs.next(more: follow).suffix(lines)
    if options.json {
      return try Output.document(
        Document(lines: last.map { .init(file: $0.file, text: $0.text.sanitized(limit: .max)) }))
    }
    for line in last { show(line) }
    while follow {
      try await Task.sleep(for: .milliseconds(500))
      for line in try logs.next() { show(line) }
    }
  }

  private func show(_ line: LogLines.Line) { Output.line("\(line.file): \(line.text)".sanitized(limit: .max)) }
}
