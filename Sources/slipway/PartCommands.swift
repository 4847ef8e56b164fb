import ArgumentParser
import Console
import Glibc
import Installation
import Product
import Updating

/// `slipway fetch`: one poll, as `slipway-fetch@ID.service` makes it.
struct FetchCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fetch", abstract: "Bring new metadata and wanted files (as the fetch unit does).",
    discussion: "Example: slipway fetch --product room-agent")

  @OptionGroup var options: Options
  @Flag(help: .hidden) var qualify = false

  func run() async throws {
    let layout = try options.installed()
    // Before anything is opened: what root makes in fetch's folders would keep fetch itself out.
    try Accounts(layout).becomeFetch()
    let device = try options.device(layout, writer: "fetch")
    let fetch: Fetch
    do { fetch = try Fetch(device) } catch {
      if !qualify { Fetch.note(error, device) }
      throw error
    }
    try await fetch.run(qualify: qualify)
  }
}

/// `slipway apply`: verify, decide, stage, switch, as `slipway-apply@ID.service` does.
struct ApplyCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "apply", abstract: "Verify what fetch brought and act on it (as the apply unit does).",
    discussion: "Example: slipway apply --product room-agent")

  @OptionGroup var options: Options
  @Flag(help: .hidden) var qualify = false

  func run() async throws {
    let device = try options.changer(by: .slipway)
    if qualify {
      try Output.document(try await Qualification(device).answer())
    } else {
      try await ApplyRun(device).run()
    }
  }
}

/// One run of apply in the background.
struct ApplyRun {
  /// Seconds that a run which refused something stays, so that a hostile fetch cannot spin it.
  static let penance = 30

  let device: Device

  init(_ device: Device) { self.device = device }

  func run() async throws {
    do {
      _ = try await Apply(device).run()
    } catch {
      // Only as a unit: a person who runs it by hand wants the answer.
      let refused = [.untrusted, .archiveRefused, .wrongProduct, .malformedInput].contains(Failure(error).code)
      if refused, getenv("INVOCATION_ID") != nil { try await Task.sleep(for: .seconds(Self.penance)) }
      throw error
    }
  }
}

/// `slipway prove`: one look at a version on probation.
struct ProveCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "prove", abstract: "Take one look at a version on probation (as the prove unit does).",
    discussion: "Example: slipway prove --product room-agent")

  @OptionGroup var options: Options

  func run() async throws {
    try await Probing(try options.changer(by: .slipway)).look()
  }
}

/// `slipway recover`: finish or undo what the journal says.
struct RecoverCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "recover", abstract: "Finish or undo what an interrupted run has begun.",
    discussion: "Example: sudo slipway recover")

  @OptionGroup var options: Options
  @Flag(help: "As at boot: move files, start nothing.") var boot = false
  @Flag(help: "A unit of the product has failed for good.") var rescue = false

  func run() async throws {
    let recovery = Recovery(try options.changer(by: boot || rescue ? .slipway : .caller))
    if boot {
      try await recovery.boot()
    } else if rescue {
      try await recovery.rescue()
    } else {
      try await recovery.run()
    }
  }
}

/// `slipway self-test`: shows that this updater can read what it must.
struct SelfTestCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "self-test",
    abstract: "Read configuration and state, verify the trusted metadata, answer with the build id.",
    discussion: "Example: slipway self-test --product room-agent")

  @OptionGroup var options: Options

  func run() async throws {
    let device = try options.device(try options.installed())
    try Output.document(try SelfTest(device).answer())
  }
}
