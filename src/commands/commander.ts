/** The door to the command line parser. */
export { Argument, Command, CommanderError, InvalidArgumentError, Option } from 'commander';
