CREATE TABLE `answers` (
	`evaluation_id` integer PRIMARY KEY NOT NULL,
	`read_of` integer NOT NULL,
	`questions` text,
	`count` integer NOT NULL,
	`bits` blob,
	FOREIGN KEY (`evaluation_id`) REFERENCES `evaluations`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
ALTER TABLE `sweeps` ADD `agreement` text;