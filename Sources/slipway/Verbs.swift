import ArgumentParser

/// The words at the beginning of a command line that name a verb.
enum Verbs {
  /// What is wrong with them, and how it is to be typed; nil where they name a verb. The argument parser by itself complains
  /// of the options behind a verb that does not exist.
  static func mistake(in words: some Sequence<String>) -> (message: String, help: String)? {
    var group = SlipwayCommand.configuration
    var path = name(group)
    for word in words {
      let verbs = group.subcommands.map { $0.configuration }
      // An argument of the verb's own, or an option: both are the argument parser's.
      guard !verbs.isEmpty, word != "help", word.utf8.first != UInt8(ascii: "-") else { return nil }
      guard let verb = verbs.first(where: { name($0) == word }) else {
        let known = verbs.filter { $0.shouldDisplay }.map(name).joined(separator: ", ")
        return (
          "there is no verb '\(word)' in '\(path)'",
          "Use one of these: \(known)\nSee '\(path) --help' for more information."
        )
      }
      group = verb
      path += " " + word
    }
    return nil
  }

  private static func name(_ configuration: CommandConfiguration) -> String { configuration.commandName ?? "" }
}
