CREATE TABLE `data_folders` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`path` text NOT NULL,
	`real` text NOT NULL,
	`identity` text NOT NULL,
	`since` integer DEFAULT (unixepoch('subsec') * 1000) NOT NULL
);
--> statement-breakpoint
ALTER TABLE `attempts` ADD `event_file` text;