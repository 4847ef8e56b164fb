import ArgumentParser
import Console
import Installation
import Product
import Updating

/// `slipway update`: look now, and act on what is found.
struct UpdateCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "update", abstract: "Look for an update now; apply it, or only say so.",
    discussion: """
      Example: sudo slipway update --check
      With --check the exit code is 2 when there is an update; 75 says that one is ready and waits for its window, for the
      agent, or for the end of a hold. --from takes a bundle (an offline site's USB stick). With --json a download and the
      unpacking are told by events, a line each (slipway.event/1); the last line is the result.
      """)

  struct Document: Encodable {
    let schema = "slipway.update/1"
    let result: String
    let version: String?
    let waitingFor: [WaitingFor]
  }

  @OptionGroup var options: Options
  @Flag(help: "Only look; change nothing.") var check = false
  @Flag(help: "Past window, percent and not-before.") var now = false
  @Flag(help: "Past busy, hold and pin too; never past halt and known-bad.") var force = false
  @Option(help: "A bundle (file or folder) instead of the network.") var from: String?

  func validate() throws {
    guard from != "" else { throw ValidationError("--from needs a bundle: a file or a folder.") }
  }

  func run() async throws {
    var device = try options.changer()
    let meter = ProgressMeter(json: options.json)
    device.progress = { meter.advance($0, $1, of: $2) }
    let update = RequestedUpdate(device, request: force ? .force : now || from != nil ? .now : .background)
    let answer: RequestedUpdate.Answer
    if check {
      answer = try await update.look(from: from.map { FilePathArgument.resolved($0) })
    } else if let from {
      answer = try await update.apply(from: FilePathArgument.resolved(from))
    } else {
      answer = try await update.poll()
    }
    try report(device, answer)
    if check, answer.result == .available { throw ArgumentParser.ExitCode(2) }
    let deferring: Set<WaitingFor.Reason> = [.window, .busy, .hold]
    if !check, answer.waitingFor.contains(where: { deferring.contains($0.reason) }) {
      throw ArgumentParser.ExitCode(75)
    }
  }

  private func report(_ device: Device, _ answer: RequestedUpdate.Answer) throws {
    if options.json {
      try Output.document(
        Document(result: answer.result.rawValue, version: answer.version?.description, waitingFor: answer.waitingFor))
    } else {
      Output.line("\(device.layout.product): \(answer.result.rawValue)\(answer.version.map { " \($0)" } ?? "")")
      for wait in answer.waitingFor {
        Output.line("waiting: \(wait.reason.rawValue) \(wait.detail?.sanitized() ?? "")")
      }
    }
  }
}
