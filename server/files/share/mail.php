<?php
// E-mail leaves by the server that the settings name: with TLS, and only if its certificate is good.
$GLOBALS['wp_filter']['phpmailer_init'][10][] = ['accepted_args' => 1, 'function' => function ($mailer): void {
    $mailer->isSMTP();
    $mailer->Host = WEBPHASES_MAIL_HOST;
    $mailer->Port = (int) WEBPHASES_MAIL_PORT;
    $mailer->SMTPSecure = in_array(WEBPHASES_MAIL_PORT, ['465', '2465'], true) ? 'ssl' : 'tls';
    $mailer->Timeout = 10;
    $mailer->SMTPAuth = WEBPHASES_MAIL_USER !== '';
    [$mailer->Username, $mailer->Password] = [WEBPHASES_MAIL_USER, WEBPHASES_MAIL_PASSWORD];
}];
$GLOBALS['wp_filter']['wp_mail_from'][10][] = ['accepted_args' => 1, 'function' => fn() => WEBPHASES_MAIL_FROM];
