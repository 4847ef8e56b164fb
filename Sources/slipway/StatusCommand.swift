import ArgumentParser
import Console
import Installation
import Services
import Updating

/// `slipway status`: what runs, and why it is not newer.
struct StatusCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status", abstract: "Show version, state, and why it is not newer.",
    discussion: "Example: slipway status --json")

  @OptionGroup var options: Options

  func run() async throws {
    let layout = try options.installed()
    let device = try options.device(layout)
    var report = try StatusReport(device)
    if let supervised = device.services as? Supervised { report.isolation = try? await supervised.isolation().rawValue }
    if options.json { return try Output.document(report) }
    Output.line("\(report.product) \(report.version ?? "(none)") on \(report.platform), channel \(report.channel)")
    var state = report.state
    if let to = report.changingTo, report.state != "idle" { state += " (\(to))" }
    Output.line("state:      \(state), health \(report.health)")
    if let staged = report.staged { Output.line("staged:     \(staged)") }
    if let previous = report.previous { Output.line("previous:   \(previous)") }
    if let pinned = report.pinned { Output.line("pinned:     \(pinned)") }
    if let hold = report.hold {
      let end = hold.until.map { "until \($0)" } ?? "until it is released"
      Output.line("on hold:    \(end)\(hold.reason.map { " (\($0.sanitized()))" } ?? "")")
    }
    if !report.avoided.isEmpty { Output.line("avoided:    \(report.avoided.joined(separator: ", ")) (left by hand)") }
    if !report.updates { Output.line("updates:    off") }
    Output.line("last check: \(report.lastCheck ?? "never")\(report.fresh ? "" : " (not fresh)")")
    if let fetch = report.lastFetch {
      Output.line(
        "last fetch: \(fetch.at.sanitized(limit: 32)) \(fetch.ok ? "well" : fetch.message?.sanitized() ?? "failed")")
    }
    if let result = report.lastResult {
      let message = result.message.map { ": \($0.sanitized())" } ?? ""
      Output.line("last:       \(result.kind) \(result.version ?? "") at \(result.at)\(message)")
    }
    if let fault = report.configurationError { Output.line("config:     \(fault)") }
    for fault in report.faults { Output.line("damaged:    \(fault.sanitized()) (`slipway recover`)") }
    for file in report.setAside { Output.line("set aside:  \(file)") }
    for bad in report.knownBad { Output.line("known bad:  \(bad.version): \(bad.reason.sanitized()) (\(bad.at))") }
    for wait in report.waitingFor {
      let version = wait.version.map { " \($0)" } ?? ""
      let until = wait.until.map { " until \($0)" } ?? ""
      Output.line(
        "waiting:    \(wait.reason.rawValue)\(version)\(until)\(wait.detail.map { " (\($0.sanitized()))" } ?? "")")
    }
    if let isolation = report.isolation { Output.line("isolation:  \(isolation)") }
  }
}
