import ArgumentParser
import Cryptography
import Posix
import Publishing
import SystemPackage
import TUF

struct MakeKey: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "make-key", abstract: "Make one key, encrypted, with its public key beside it.",
    discussion: """
      Example:
        slipway-release make-key alice.pem

      Writes alice.pem, which stays with its holder, and alice.pem.pub, which `add-key`, `rotate` and `delegate` take.
      """)

  @OptionGroup var output: OutputOptions

  @Argument(help: "The file to write.")
  var file: String

  @Option(
    help: ArgumentHelp(
      "A file whose first line is the key's passphrase. Otherwise SLIPWAY_PASSPHRASE, or a question on the terminal.",
      valueName: "file"))
  var passphraseFile: String?

  func run() throws {
    let reader = try KeyOptions.reader(passphraseFile.map { [$0] } ?? [])
    let made = try KeyMaking(FilePath(file)).run(reader: reader)
    try output.done(
      Document(key: made.keyid, file: file, publicKey: made.publicKey.string),
      ["Made the key \(made.keyid) in \(file), its public key in \(made.publicKey)"])
  }

  private struct Document: Encodable {
    let schema = "slipway.make-key/1"
    let key: String
    let file: String
    let publicKey: String
  }
}

/// What `add-key`, `remove-key` and `rotate` share.
struct KeyChangeOptions: ParsableArguments {
  @OptionGroup var repository: RepositoryOptions
  @OptionGroup var keys: KeyOptions
  @OptionGroup var proposing: ProposalOptions
  @OptionGroup var output: OutputOptions

  @Option(help: "How many of the role's keys must sign from now on; as many as before unless given.")
  var threshold: Int?

  func run(_ role: String, _ kind: KeyChange.Kind) throws {
    let result = try KeyChange(role: role, kind: kind, threshold: threshold)
      .run(repository: repository.path, signing: try keys.signing(proposal: proposing.path))
    let document = Document(
      role: role, keys: result.keys, threshold: result.threshold, changed: result.isNew,
      proposal: try proposing.review(repository.path))
    let rule = "\(result.threshold) of these keys sign \(role): \(result.keys.joined(separator: " "))"
    let spare =
      result.threshold == result.keys.count && role == "root"
      ? ["WARNING: no root key is spare: with one of them lost, nobody can sign a root again"] : []
    try output.done(
      document,
      [result.isNew ? rule : "Nothing to do: \(rule)"] + spare + proposing.words(document.proposal, repository))
  }

  private struct Document: Encodable {
    let schema = "slipway.keys/1"
    let role: String
    let keys: [String]
    let threshold: Int
    let changed: Bool
    let proposal: Review?
  }
}

struct AddKey: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "add-key", abstract: "Let another key sign a role.",
    discussion: """
      Example:
        slipway-release add-key root --public-key carol.pem.pub --repository repo --key root-1.pem --propose change.proposal

      Root is signed by as many of its old keys and of its new ones as must sign each. Any key that OpenSSL writes as a
      PEM "PUBLIC KEY" is taken: ed25519, ECDSA P-256 and P-384, RSA.
      """)

  @Argument(help: "The role: root, targets, snapshot, timestamp, or a delegated one such as room-agent.")
  var role: String

  @Option(
    name: .customLong("public-key"),
    help: ArgumentHelp("The public key; may be given several times.", valueName: "file"))
  var publicKeys: [String]

  @OptionGroup var options: KeyChangeOptions

  func run() throws { try options.run(role, .add(try publicKeys.map { try KeyReader.publicKey(FilePath($0)) })) }
}

struct RemoveKey: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "remove-key", abstract: "Let a key no longer sign a role.",
    discussion: """
      Example:
        slipway-release remove-key root 3f2a9c01 --repository repo --keys keys

      Keys are named by their ids or by at least the first eight digits of them, as `status` tells them, or by the file
      of their public key. Refused when fewer keys would be left than must sign.
      """)

  @Argument(help: "The role.")
  var role: String

  @Argument(help: ArgumentHelp("The keys to remove: ids, or files of public keys.", valueName: "key"))
  var names: [String]

  @OptionGroup var options: KeyChangeOptions

  func run() throws {
    let ids = try names.map { name in
      let isID = name.utf8.allSatisfy {
        UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 || UInt8(ascii: "a")...UInt8(ascii: "f") ~= $0
      }
      return isID ? name : try Key(try KeyReader.publicKey(FilePath(name))).keyid
    }
    try options.run(role, .remove(ids))
  }
}

struct Rotate: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Give a role other keys in the place of all it has.",
    discussion: """
      Example, new online keys in the keys folder:
        slipway-release rotate timestamp --repository repo --keys keys
      Example, keys that others hold:
        slipway-release rotate room-agent --public-key a.pub --public-key b.pub --threshold 2 --repository repo \\
            --key targets-1.pem --propose change.proposal

      Root, targets, snapshot and timestamp are changed by root, a delegated role by the role that delegates to it. The role
      is signed anew by its new keys. Where the old keys are at hand too, both sign once, so that readers notice nothing.
      """)

  @Argument(help: "The role.")
  var role: String

  @Option(
    name: .customLong("public-key"),
    help: ArgumentHelp(
      "A public key that takes the place of the old ones; may be given several times. Without it new keys are made in "
        + "--keys DIR.", valueName: "file"))
  var publicKeys: [String] = []

  @OptionGroup var options: KeyChangeOptions

  func run() throws { try options.run(role, .rotate(try publicKeys.map { try KeyReader.publicKey(FilePath($0)) })) }
}
