import Console
import Glibc
import Installation
import Posix
import Product
import Services
import SystemPackage
import Updating

/// What goes into a support archive: the answers of the verbs that only look, and files as they lie there.
struct Collection {
  struct Document: Encodable {
    let schema = "slipway.support/1"
    let file: String
    let entries: [String]
  }

  let options: Options
  let layout: Layout

  init(_ options: Options, _ layout: Layout) {
    self.options = options
    self.layout = layout
  }

  /// - Throws: `usage` where `path` is there already, whatever it is.
  func write(_ path: FilePath) async throws {
    let folder = try Directory.open(path.removingLastComponent())
    let name = path.lastComponent?.string ?? ""
    let file: FileDescriptor
    do throws(PosixError) { file = try folder.create(name, mode: 0o600) } catch {
      guard error.code == EEXIST else { throw error }
      throw Failure(
        .usage, name: "usage", "\(path) is there already", remedy: "name a file that is not; nothing was written")
    }
    defer { try? file.close() }
    do {
      let entries = try await fill(file, path)
      if options.json { return try Output.document(Document(file: path.string, entries: entries)) }
      entries.forEach(Output.tell)
      Output.line("\(path): \(entries.count) files; only you may read it")
    } catch {
      try? folder.unlink(name)
      throw error
    }
  }

  private func fill(_ file: FileDescriptor, _ path: FilePath) async throws -> [String] {
    let now = HostClock.wallSeconds()
    let stem = "\(layout.product)-support"
    var archive = try SupportArchive(to: file, path: path.string, folder: stem, layout, now: now)
    try archive.add(
      "about.txt",
      Array(
        "\(layout.product), collected at \(Timestamp(seconds: now)) by slipway \(Build.version), \(Build.own)\n".utf8))
    for (name, verb) in [
      ("status", ["status"]), ("history", ["history"]), ("checks", ["check"]), ("verify", ["verify"]),
      ("config", ["config", "show", "--origin"]), ("proxy", ["proxy", "show"]), ("products", ["list"]),
    ] { try archive.add("\(name).json", await answer(verb)) }
    try archive.add("state", filesOf: layout.state) {
      $0.hasSuffix(".json") || $0.hasSuffix(".jsonl") || $0 == "undo.list"
    }
    try archive.add("fetch", filesOf: layout.fetch) { $0 == "result.json" }
    try archive.add("logs", filesOf: layout.logs)
    if let logs = try? Directory.open(layout.logs) {
      for writer in try logs.names() where try logs.status(writer)?.kind == .directory {
        try archive.add("logs/\(writer)", filesOf: layout.logs.appending(writer))
      }
    }
    let (id, ours) = (layout.product.text, ["slipway-", "\(layout.product)-"])
    try archive.add("units", filesOf: layout.units) { unit in
      unit.firstRange(of: id) != nil && ours.contains(where: unit.hasPrefix)
    }
    if layout.isHost, Host.hasSystemd { try await addSystem(to: &archive) }
    try archive.finish()
    return archive.entries
  }

  private func addSystem(to archive: inout SupportArchive) async throws {
    let id = layout.product
    let units = ["slipway-*@\(id).*", "slipway-*-\(id)*", "\(id)-*"]
    let span = ["--no-pager", "--since", "-7d", "--lines", "50000", "--output", "short-iso"]
    let programs = [
      ("journal/units.log", "/usr/bin/journalctl", span + units.flatMap { ["--unit", $0] }),
      ("journal/events.log", "/usr/bin/journalctl", span + ["--output", "verbose", "SLIPWAY_PRODUCT=\(id)"]),
      ("journal/boots.log", "/usr/bin/journalctl", ["--no-pager", "--list-boots"]),
      ("units/state.txt", "/usr/bin/systemctl", ["--no-pager", "--full", "--all", "list-units"] + units),
      ("units/timers.txt", "/usr/bin/systemctl", ["--no-pager", "--all", "list-timers"] + units),
    ]
    for (name, program, arguments) in programs {
      try archive.add(name, await output(FilePath(program), arguments))
    }
  }

  /// What this very program answers; an error's document where it fails.
  private func answer(_ verb: [String]) async -> [UInt8] {
    let own = "/proc/self/exe".withCString { realpath($0, nil) }
    defer { free(own) }
    let program = own.map { FilePath(platformString: $0) } ?? "/proc/self/exe"
    return await output(program, verb + ["--json", "--root", layout.root.string, "--product", layout.product.text])
  }

  private func output(_ program: FilePath, _ arguments: [String]) async -> [UInt8] {
    do {
      return try await Command.run(program, arguments, patience: 60, outputLimit: 2 * SupportArchive.tail).output
    } catch { return Array("\(error)\n".utf8) }
  }
}
