// Updating
