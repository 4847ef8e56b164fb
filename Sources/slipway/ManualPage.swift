import Installation
import Product
import Updating

/// A program's man page (mdoc(7)), from what its argument parser says of itself (`--experimental-dump-help`).
struct ManualPage {
  private struct Dump: Decodable { let command: Command }

  private struct Command: Decodable {
    let commandName: String
    let abstract: String?
    let discussion: String?
    let arguments: [Argument]?
    let subcommands: [Command]?
    let shouldDisplay: Bool?

    var shown: [Command] { (subcommands ?? []).filter { $0.shouldDisplay != false && $0.commandName != "help" } }
    var all: [Argument] { (arguments ?? []).filter(\.shouldDisplay) }
    /// Those of its own; help and version are every verb's.
    var own: [Argument] { all.filter { !["help", "version"].contains($0.preferredName?.name) } }
  }

  private struct Argument: Decodable {
    struct Name: Decodable {
      let kind: String
      let name: String
    }

    let kind: String
    let preferredName: Name?
    let names: [Name]?
    let abstract: String?
    let valueName: String?
    let defaultValue: String?
    let allValues: [String]?
    let isOptional: Bool
    let isRepeating: Bool
    let shouldDisplay: Bool
  }

  private let command: Command

  /// - Throws: where it is no such dump.
  init(dump: [UInt8]) throws { command = try JSON.decode(Dump.self, dump).command }

  var text: String {
    let name = command.commandName
    let head = [
      ".Dd \(Self.date)", ".Dt \(name.uppercased()) 1", ".Os Slipway \(Build.version)", ".Sh NAME", ".Nm \(name)",
      ".Nd \(Self.escaped(Self.phrase(command.abstract ?? name)))",
    ]
    let verbs = command.shown.flatMap { Self.verb($0, [name]) }
    return
      (head + [".Sh SYNOPSIS"] + synopsis + [".Sh DESCRIPTION"] + Self.prose(command) + Self.options(command.all)
      + (verbs.isEmpty ? [] : [".Sh VERBS"] + verbs) + [".Sh EXIT STATUS"] + exitStatus + [".Sh SEE ALSO"] + seeAlso)
      .joined(separator: "\n")
  }

  private var synopsis: [String] {
    if command.shown.isEmpty { return [".Nm"] + command.own.map(Self.usage) }
    return [".Nm", ".Ar verb", ".Op Ar options", ".Nm", ".Ar verb", ".Fl Fl help"]
  }

  private var exitStatus: [String] {
    if command.commandName == "tuf-client" { return ["0 when everything was verified, 1 otherwise."] }
    return [".Bl -tag -width 3n -compact"] + Self.codes.flatMap { [".It \($0)", Self.escaped($1)] } + [".El"]
  }

  private var seeAlso: [String] {
    let programs = ["slipway", "slipway-agent", "slipway-release", "slipway-setup", "tuf-client"]
      .filter { $0 != command.commandName }
    return programs.map { ".Xr \($0) 1\($0 == programs.last ? "" : " ,")" }
  }

  /// A verb with those below it.
  private static func verb(_ verb: Command, _ path: [String]) -> [String] {
    let path = path + [verb.commandName]
    let title = [".Ss \(path.dropFirst().joined(separator: " "))"]
    if !verb.shown.isEmpty {
      return title + prose(verb) + verb.shown.flatMap { Self.verb($0, path) }
    }
    let line = [".Nm \(path[0])", ".Cm \(path.dropFirst().joined(separator: " "))"] + verb.own.map(usage)
    return title + line + [".Pp"] + prose(verb) + options(verb.own)
  }

  private static func usage(_ argument: Argument) -> String {
    let word =
      argument.kind == "positional"
      ? "Ar \(value(argument))" : flag(argument) + (argument.kind == "option" ? " Ar \(value(argument))" : "")
    let repeated = argument.isRepeating ? " Ns ..." : ""
    return argument.isOptional ? ".Op \(word)\(repeated)" : ".\(word)\(repeated)"
  }

  private static func flag(_ argument: Argument) -> String {
    guard let name = argument.preferredName else { return "Fl \(value(argument))" }
    return name.kind == "long" ? "Fl Fl \(name.name)" : "Fl \(name.name)"
  }

  private static func value(_ argument: Argument) -> String { argument.valueName ?? "value" }

  private static func options(_ arguments: [Argument]) -> [String] {
    if arguments.isEmpty { return [] }
    let items = arguments.flatMap { argument -> [String] in
      let word =
        argument.kind == "positional"
        ? "Ar \(value(argument))" : flag(argument) + (argument.kind == "option" ? " Ar \(value(argument))" : "")
      var text = argument.abstract ?? "One of: \((argument.allValues ?? []).joined(separator: ", "))."
      if let standard = argument.defaultValue, argument.kind == "option", !standard.isEmpty {
        text += " Otherwise \(standard)."
      }
      return [".It \(word)"] + sentences(text)
    }
    return [".Bl -tag -width Ds"] + items + [".El"]
  }

  /// What it is, then what there is to say, with the examples (`Example: ` or lines that are indented) apart.
  private static func prose(_ command: Command) -> [String] {
    var lines = sentences(command.abstract ?? "")
    var isLiteral = false
    func end() {
      if isLiteral { lines.append(".Ed") }
      isLiteral = false
    }
    for line in (command.discussion ?? "").split(separator: "\n", omittingEmptySubsequences: false) {
      let example = line.hasPrefix("Example: ") ? line.dropFirst("Example: ".count) : nil
      if let code = example ?? (line.hasPrefix("  ") ? line.dropFirst(2) : nil) {
        if !isLiteral { lines.append(".Bd -literal -offset indent") }
        isLiteral = true
        lines.append(escaped(String(code)))
      } else if line.isEmpty {
        end()
        lines.append(".Pp")
      } else {
        end()
        lines += sentences(String(line))
      }
    }
    end()
    // Before a display mdoc(7) makes room by itself.
    return lines.enumerated().filter { $1 != ".Pp" || lines.dropFirst($0 + 1).first?.hasPrefix(".") == false }.map(
      \.element)
  }

  /// Each sentence on a line of its own, as mdoc(7) wants it.
  private static func sentences(_ text: String) -> [String] {
    var lines = [""]
    for word in text.split(separator: " ") {
      lines[lines.count - 1] += (lines[lines.count - 1].isEmpty ? "" : " ") + word
      if word.hasSuffix(".") && !word.hasSuffix("..") { lines.append("") }
    }
    return lines.filter { !$0.isEmpty }.map(escaped)
  }

  private static func phrase(_ text: String) -> String {
    text.hasSuffix(".") ? String(text.dropLast()) : text
  }

  /// Nothing in it is a request or an escape of roff's.
  private static func escaped(_ text: String) -> String {
    var escaped = ""
    for character in text {
      switch character {
      case "\\": escaped += "\\e"
      case "-": escaped += "\\-"
      case "\"": escaped += "\\(dq"
      case "'": escaped += "\\(aq"
      case "~": escaped += "\\(ti"
      case "^": escaped += "\\(ha"
      case "`": escaped += "\\(ga"
      default: escaped.append(character)
      }
    }
    return escaped.hasPrefix(".") ? "\\&" + escaped : escaped
  }

  private static var date: String {
    let months = [
      "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
      "December",
    ]
    let parts = Timestamp(seconds: Build.earliest).description.prefix(10).split(separator: "-").compactMap { Int($0) }
    return "\(months[parts[1] - 1]) \(parts[2]), \(parts[0])"
  }

  /// The contract's, as far as they are for people.
  private static let codes: [(Int, String)] = [
    (0, "done, or nothing to do"), (1, "unexpected error"), (2, "there is an update (update --check)"),
    (10, "licence not accepted"), (11, "not elevated"), (12, "TPM not found or not usable"),
    (13, "local account missing"), (14, "network or proxy"), (15, "another prerequisite"),
    (20, "signature, trust, length or hash"), (21, "metadata expired"), (22, "archive refused"),
    (23, "repository not reachable"), (24, "wrong product, platform or schema"), (30, "not enough disk space"),
    (31, "file system error"), (32, "another run holds the lock"), (33, "installed tree damaged"),
    (40, "the new version failed; the old one runs"), (41, "roll-back failed: needs a person"),
    (42, "no version to go back to"), (50, "enrolment refused"), (51, "portal not reachable"), (60, "not installed"),
    (64, "usage"), (65, "malformed input"), (70, "halted, blocked or known-bad"),
    (75, "deferred: busy, hold or window"), (78, "malformed configuration"), (130, "interrupted"), (143, "terminated"),
  ]
}
