import ArgumentParser
import Console
import Cryptography
import Installation
import Posix
import Product
import TPM
import TPMState

/// `slipway identity`: what a device proves itself with.
struct IdentityCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "identity", abstract: "Show or make what this device proves itself with: a key in its TPM.",
    discussion: "Example: sudo slipway identity show", subcommands: [Show.self, Make.self, Certify.self])

  /// `slipway identity show`: the TPM's endorsement key, and the device's own.
  struct Show: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "show", abstract: "Show the TPM's endorsement key and the device's key; changes nothing.",
      discussion: """
        Example: sudo slipway identity show --json
        Exit code 12 when the device has a key that cannot be used.
        The endorsement key's fingerprint is the SHA-256 of its SubjectPublicKeyInfo: what an allow-list has.
        """)

    @OptionGroup var options: Options

    func run() throws {
      try IdentityCommand.report(options) { (device, file, _) throws in
        try file?.read().map { ($0, device.look($0)) }
      }
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
      try IdentityCommand.report(options) { (device, file, trust) throws in
        if let kept = try file?.read() {
          let verdict = device.look(kept)
          if verdict == .same { return (kept, verdict) }
          // Only what is known to be lost is replaced.
          if let file, let failure = Failure(verdict, of: file) { throw failure }
        }
        // A key in a TPM that nobody vouches for would be enrolled in vain.
        if case .failure(let refusal) = trust {
          throw Failure(
            .tpm, name: "endorsementRefused", "\(refusal)",
            remedy:
              "add the TPM maker's certificates, or the key's fingerprint (`slipway identity show`), to config.toml")
        }
        let made = try device.makeIdentity()
        try file?.write(made)
        return (made, .same)
      }
    }
  }

  /// `slipway identity certify`: keeps the certificates that somebody has issued for the device's key.
  struct Certify: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "certify", abstract: "Keep certificates for the device's key, to be shown to servers.",
      discussion: "Example: sudo slipway identity certify chain.pem")

    @OptionGroup var options: Options
    @Argument(help: "PEM: the device's certificate first, then its issuers'.") var chain: String

    func run() throws {
      try options.requireRoot()
      let file = IdentityFile(try options.installed())
      guard let identity = try file.read() else {
        throw Failure(
          .tpm, name: "noKey", "the device has no key yet", remedy: "make one: slipway identity make")
      }
      try file.writeChain(try Settings.read(chain), for: identity.key)
    }
  }

  private static func report(
    _ options: Options,
    _ identity: (
      borrowing TPMDevice, IdentityFile?, Result<EndorsementTrust.Grounds, EndorsementRefusal>?
    ) throws -> (DeviceIdentity, DeviceIdentity.Verdict)?
  ) throws {
    // Before a product is installed the TPM has a key already, for the list that it is to be put on.
    let isBare = options.product == nil && Layout.products(root: options.rootPath).isEmpty
    let layout = isBare ? nil : try options.layout()
    let wishes = try layout.map { try Configuration.load($0) } ?? Configuration()
    let rules = try wishes.endorsementTrust(root: options.rootPath)
    do {
      let device = try TPMDevice(wishes.tpm)
      let endorsement = try device.endorsementKey()
      let trust = rules.map { rules in
        Result { () throws(EndorsementRefusal) in try rules.check(endorsement, at: HostClock.wallSeconds()) }
      }
      let file = layout.map { IdentityFile($0) }
      let found = try identity(device, file, trust)
      let failure = file.flatMap { file in found.flatMap { Failure($0.1, of: file) } }
      let report = try IdentityReport(endorsement, trust, found, remedy: failure?.remedy)
      if options.json { try Output.document(report) } else { report.lines.forEach(Output.line) }
      guard let failure else { return }
      // One document says it all; people get the reason and the remedy on standard error.
      Output.tell(failure)
      throw ArgumentParser.ExitCode(failure.code.rawValue)
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
