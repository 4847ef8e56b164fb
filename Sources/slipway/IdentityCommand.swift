import ArgumentParser
import Console
import Cryptography
import Installation
import Product
import TPM

/// `slipway identity`: what a device proves itself with.
struct IdentityCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "identity", abstract: "Show or make what this device proves itself with: a key in its TPM.",
    discussion: "Example: sudo slipway identity show", subcommands: [Show.self, Make.self])

  /// `slipway identity show`: the TPM's endorsement key, and the device's own.
  struct Show: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "show", abstract: "Show the TPM's endorsement key and the device's key; changes nothing.",
      discussion: """
        Example: sudo slipway identity show --json
        The endorsement key's fingerprint is the SHA-256 of its SubjectPublicKeyInfo: what an allow-list has.
        """)

    @OptionGroup var options: Options

    func run() throws {
      try IdentityCommand.report(options) { (device, file) throws in try file?.read().map { ($0, device.look($0)) } }
    }
  }

  /// `slipway identity make`: the device's key, unless it has one.
  struct Make: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "make", abstract: "Make the device's key in the TPM, unless there is one that works.",
      discussion: "Example: sudo slipway identity make")

    @OptionGroup var options: Options

    func run() throws {
      try options.requireRoot()
      _ = try options.installed()
      try IdentityCommand.report(options) { (device, file) throws in
        if let kept = try file?.read() {
          let verdict = device.look(kept)
          // Only what is known to be lost is replaced.
          if !verdict.endsIdentity { return (kept, verdict) }
        }
        let made = try device.makeIdentity()
        try file?.write(made)
        return (made, .same)
      }
    }
  }

  private static func report(
    _ options: Options,
    _ identity: (borrowing TPMDevice, IdentityFile?) throws -> (DeviceIdentity, DeviceIdentity.Verdict)?
  ) throws {
    // Before a product is installed the TPM has a key already, for the list that it is to be put on.
    let isBare = options.product == nil && Layout.products(root: options.rootPath).isEmpty
    let layout = isBare ? nil : try options.layout()
    let wishes = try layout.map { try Configuration.load($0) } ?? Configuration()
    do {
      let device = try TPMDevice(wishes.tpm)
      let endorsement = try device.endorsementKey()
      let found = try identity(device, layout.map { IdentityFile($0) })
      let report = try IdentityReport(endorsement, found)
      if options.json { return try Output.document(report) }
      report.lines.forEach(Output.line)
    } catch let error as TPMError { throw Failure(error) }
  }
}

extension TPMDevice {
  fileprivate func look(_ identity: DeviceIdentity) -> DeviceIdentity.Verdict {
    do throws(TPMError) { return identity.judge(.success(try sight(of: identity))) } catch {
      return identity.judge(.failure(error))
    }
  }
}
